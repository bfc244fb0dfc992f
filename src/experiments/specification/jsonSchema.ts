import { z } from 'zod';

import { layerLosses } from '../../losses/index.ts';
import { layerTermShape } from './losses.ts';
import { schemaFor } from './parse.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The JSON Schema of a specification as one writes it, for editors: what there is, what each value may be, its default
 * and what it means. It knows the losses that are registered.
 *
 * @param specification one whose network, of the user's own, is to be known, too
 */
export function specificationJsonSchema(specification: unknown = {}): JsonSchema {
  const schema = toJson(schemaFor(specification));
  const layers = schema.properties?.['loss'] as JsonSchema;
  (layers.properties!['layers'] as JsonSchema).items = {
    anyOf: layerLosses().map((loss) => ({
      description: loss.about,
      ...within(toJson(z.strictObject(layerTermShape(loss)))),
    })),
  };
  return {
    $schema: schema.$schema!,
    title: 'Specification of a run of the MSL workbook',
    ...within(schema),
    properties: { $schema: { type: 'string', description: 'For editors.' }, ...schema.properties },
  };
}

/** What is checked by a function says itself, beside it, what it allows. */
const toJson = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

const within = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));

/** The losses of layers that a specification can name. */
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import { unknownName } from '../../engine/index.ts';
import {
  defaultsOf,
  layerLosses,
  MSL,
  optionsOf,
  POOLINGS,
  WEIGHT_SCHEDULES,
  type LayerLoss,
  type OptionDescription,
  type Pooling,
  type TapSide,
  type WeightSchedule,
} from '../../losses/index.ts';
import { isRecord } from '../isRecord.ts';
import { meant, messageOf, unknownKeys } from './problems.ts';

/** A weight at every tap, or one for each by its name. */
export type TapWeights = number | Readonly<Record<string, number>>;

const isWeight = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const weights = z
  .custom<TapWeights>(
    (value) =>
      isWeight(value) ||
      (isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isWeight)),
    'a weight is a number of at least 0, or one for each tap, as in {"stage1": 0.1, "stage2": 0.3}',
  )
  .meta({
    anyOf: [
      { type: 'number', minimum: 0 },
      { type: 'object', minProperties: 1, additionalProperties: { type: 'number', minimum: 0 } },
    ],
  });

const pooling = z
  .custom<Pooling>(
    (value) =>
      (POOLINGS as readonly unknown[]).includes(value) ||
      (isRecord(value) &&
        Object.keys(value).join() === 'grid' &&
        Number.isInteger(value['grid']) &&
        Number(value['grid']) > 0),
    { error: ({ input }) => `a pooling is ${POOLINGS.join(', ')} or {"grid": k}${meant(input, POOLINGS)}` },
  )
  .meta({
    anyOf: [
      { enum: [...POOLINGS] },
      {
        ...{ type: 'object', required: ['grid'], additionalProperties: false },
        properties: { grid: { type: 'integer', minimum: 1 } },
      },
    ],
  });

/** Where a loss is attached, and how much it counts. */
const placeShape = {
  weight: weights
    .default(0.1)
    .describe("Weight at each tap, against cross-entropy's 1; or one for each tap by its name."),
  taps: z
    .array(z.string())
    .min(1)
    .refine((taps) => new Set(taps).size === taps.length, 'a tap is named twice')
    .nullable()
    .default(null)
    .describe(
      "Taps where it is attached; null = those that weight names, or else all of the network's stages.",
    ),
  side: z
    .enum(['activation', 'preActivation'] as const satisfies readonly TapSide[])
    .default('activation')
    .describe("Side of the tap's rectifier."),
};

/** The same, for what came later. */
const laterPlaceShape = {
  pooling: pooling.default('globalAverage').describe("How the tap's maps become features."),
  schedule: z
    .enum(WEIGHT_SCHEDULES)
    .default('constant' satisfies WeightSchedule)
    .describe('How the weight changes over the epochs.'),
};

const { margin, betweenWeight, center, ...later } = optionShape(MSL);

/**
 * The mixture separability loss. What came after the first runs is left out where it has its default, so that their
 * hashes stay as they are.
 */
export const mslSchema = z
  .strictObject({ ...placeShape, margin, betweenWeight, center, ...laterPlaceShape, ...later })
  .superRefine((value, context) => {
    refuse(MSL, value, context);
  })
  .transform((value) => withoutDefaults(value, { ...laterPlaceShape, ...later }));

/** A loss of layers as one writes it: its name, where it is attached, and its options. */
export interface LayerTermInput {
  readonly name: string;
  readonly weight?: TapWeights;
  readonly taps?: readonly string[] | null;
  readonly side?: TapSide;
  readonly pooling?: Pooling;
  readonly schedule?: WeightSchedule;
  readonly [option: string]: unknown;
}

/** The same, complete. */
export interface LayerTerm {
  readonly name: string;
  readonly weight: TapWeights;
  readonly taps: readonly string[] | null;
  readonly side: TapSide;
  readonly pooling: Pooling;
  readonly schedule: WeightSchedule;
  readonly [option: string]: unknown;
}

/** The fields of a loss of layers, by itself. */
export function layerTermShape(loss: LayerLoss) {
  return { name: z.literal(loss.name), ...placeShape, ...laterPlaceShape, ...optionShape(loss) };
}

/** One of the losses that are registered when it is read, with its options. */
export const layerTermSchema = z
  .custom<LayerTermInput>(
    (value) => isRecord(value) && typeof value['name'] === 'string',
    'a loss of layers is an object with its name, as in {"name": "supervisedContrastive", "weight": 0.1}',
  )
  .transform((value, context): LayerTerm => {
    const losses = layerLosses();
    const loss = losses.find(({ name }) => name === value.name);
    // A message that names the value needs no other word of it.
    const refusal = (path: PropertyKey[], message: string, input?: unknown): void => {
      context.issues.push({ code: 'custom', path, message, input });
    };
    if (loss === undefined) {
      const names = losses.map(({ name }) => name);
      refusal(['name'], unknownName('loss', value.name, names));
      return z.NEVER;
    }
    const shape = layerTermShape(loss);
    const result = z
      .strictObject(shape)
      .superRefine((complete, inner) => {
        refuse(loss, complete, inner);
      })
      .safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const { path, input } = issue;
      if (issue.code !== 'unrecognized_keys') refusal(path, messageOf(issue), input);
      else refusal(path, unknownKeys([], issue.keys, Object.keys(shape)));
    }
    return z.NEVER;
  });

type OptionShape<Options extends object> = {
  [Name in keyof Options]-?: z.ZodDefault<z.ZodType<NonNullable<Options[Name]>, NonNullable<Options[Name]>>>;
};

/** A field for every option of a loss, or of what else has options like it. */
export function optionShape<Options extends object>(
  described: Pick<LayerLoss<Options>, 'options'>,
): OptionShape<Options> {
  const shape = optionsOf(described).map(([name, option]) => [name, fieldOf(option)]);
  return Object.fromEntries(shape) as OptionShape<Options>;
}

function fieldOf(option: OptionDescription): z.ZodType {
  return plainFieldOf(option).describe(option.about);
}

function plainFieldOf(option: OptionDescription): z.ZodType {
  if ('choices' in option) return z.enum(option.choices).default(option.default);
  if (typeof option.default === 'boolean') return z.boolean().default(option.default);
  const { above, least, most } = option;
  let field = z.number();
  if (above !== undefined) field = field.gt(above);
  if (least !== undefined) field = field.min(least);
  if (most !== undefined) field = field.max(most);
  return field.default(option.default);
}

function refuse<Options extends object>(
  loss: LayerLoss<Options>,
  value: object,
  context: z.core.$RefinementCtx,
): void {
  const given = value as Readonly<Record<string, unknown>>;
  const problem = loss.problem?.({ ...defaultsOf(loss), ...value });
  if (problem === undefined) return;
  const { option, message } = problem;
  context.addIssue({ code: 'custom', path: [option], message, input: given[option] });
}

/** Some fields only where they differ from their defaults. */
function withoutDefaults<Value extends object, Name extends keyof Value & string>(
  value: Value,
  shape: Readonly<Record<Name, z.ZodType>>,
): Omit<Value, Name> & Partial<Pick<Value, Name>> {
  const kept = Object.entries(value).filter(
    ([name, given]) => !(name in shape) || !isDeepStrictEqual(shape[name as Name].parse(undefined), given),
  );
  return Object.fromEntries(kept) as Omit<Value, Name> & Partial<Pick<Value, Name>>;
}

import { createHash } from 'node:crypto';

import { z } from 'zod';

import { DEFAULT_THREADS, PRECISIONS, unknownName, UsageError } from '../engine/index.ts';
import { layerTermSchema, mslSchema, optionShape, unknownKeys } from './losses.ts';
import { recordedPath } from './custom/paths.ts';
import { customNetwork, customPart, customParts, customTap, type CustomPart } from './custom/registry.ts';
import { NETWORK_NAMES } from './networkNames.ts';
import { networkSchema } from './networks.ts';
import { SCHEMA_VERSION } from './records.ts';

const count = z.int().positive();

/**
 * The schema of a run: everything that its result depends on. What is left out takes the default; what is not
 * known is refused.
 */
export const specificationSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION).default(SCHEMA_VERSION),
  /** Name of the data set, see `msl data list`. */
  dataset: z.string().default('cifar10'),
  /** Images drawn from the training part, stratified by class and by the seed. */
  split: z
    .strictObject({
      /** Images to train on; `null` = all that validation leaves. */
      train: count.nullable().default(null),
      /** Images held out to watch the training. */
      validation: z.int().nonnegative().default(5000),
    })
    .prefault({}),
  augmentation: z
    .strictObject({
      /** Largest shift in pixels, the border filled with the mean colour; 0 = none. */
      crop: z.int().nonnegative().default(0),
      /** Whether to mirror left and right with probability 1/2. */
      flip: z.boolean().default(false),
    })
    .prefault({}),
  /** Which network, and its sizes; `msl models` lists them. */
  network: networkSchema,
  loss: z
    .strictObject({
      /** The mixture separability loss beside cross-entropy; `null` = none. */
      msl: mslSchema.nullable().default(null),
      /** Other losses of layers, beside both. Left out where there are none, so that hashes of earlier runs stay. */
      layers: z.array(layerTermSchema).optional(),
      /** Share of cross-entropy's target that is spread over all classes; left out where it is 0. */
      labelSmoothing: z.number().min(0).max(1).optional(),
    })
    .transform(({ layers = [], labelSmoothing = 0, ...loss }) => ({
      ...loss,
      ...(layers.length === 0 ? {} : { layers }),
      ...(labelSmoothing === 0 ? {} : { labelSmoothing }),
    }))
    .prefault({}),
  optimizer: z
    .strictObject({
      /** Highest learning rate. */
      learningRate: z.number().positive().default(0.1),
      /** Share of the steps over which the learning rate rises; then it falls straight to 0. */
      warmup: z.number().min(0).max(1).default(0.2),
      momentum: z.number().min(0).lt(1).default(0.9),
      weightDecay: z.number().nonnegative().default(5e-4),
    })
    .prefault({}),
  epochs: count.default(30),
  batchSize: count.min(2).default(128),
  seed: z.int().nonnegative().default(1),
  /** Threads of TensorFlow, 1 to 256; a result depends on them by rounding. */
  threads: count.max(256).default(DEFAULT_THREADS),
  /** What training computes in: `bfloat16` = convolutions and what lies between them. Evaluation is float32. */
  precision: z.enum(PRECISIONS).default('float32'),
  /**
   * Files with losses, taps and networks of one's own, loaded before (see docs/custom-parts.md). Complete, it is the parts
   * that are used, with the hash of what each is; left out where there are none.
   */
  custom: z
    .array(
      z.union([
        z.string(),
        z.strictObject({
          kind: z.enum(['loss', 'tap', 'network']),
          name: z.string(),
          file: z.string().nullable(),
          sha256: z.string(),
        }),
      ]),
    )
    .readonly()
    .optional(),
});

/** A complete specification of a run. */
export type Specification = Omit<z.output<typeof specificationSchema>, 'custom'> & {
  readonly custom?: readonly CustomPart[];
};

/** A specification as one writes it: whatever is left out takes its default. */
export type SpecificationInput = z.input<typeof specificationSchema>;

/**
 * Checks a specification and fills in the defaults.
 *
 * @param source where it came from, for messages
 * @throws {UserError} naming each wrong path, its value, and what would be right
 */
export function parseSpecification(value: unknown, source: string): Specification {
  const schema = schemaFor(value);
  const result = schema.safeParse(value, { reportInput: true });
  const refuse = (problems: readonly string[]): never => {
    throw new UsageError(
      `${source} is no valid specification:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  };
  if (!result.success) return refuse(result.error.issues.map((issue) => explain(issue, value, schema)));
  const { custom: given = [], ...specification } = result.data;
  const used = partsUsedBy(specification);
  const problems = given.flatMap((entry, i) => problemOf(entry, used, `custom.${i}`));
  if (problems.length > 0) return refuse(problems);
  return used.length === 0 ? specification : { ...specification, custom: used };
}

/** The schema, with a network of the user's own where it is asked for. */
function schemaFor(value: unknown): typeof specificationSchema {
  const name = (value as { network?: { name?: unknown } | null } | null)?.network?.name;
  const network = customNetwork(name);
  if (network === undefined) return specificationSchema;
  const shape = { name: z.literal(network.name), ...optionShape(network) };
  // Whoever builds the network asks for the user's own ones first.
  return specificationSchema.extend({
    network: z.strictObject(shape),
  }) as unknown as typeof specificationSchema;
}

/** The parts of the user's own that a specification uses. */
function partsUsedBy({ loss, network }: Omit<Specification, 'custom'>): CustomPart[] {
  const places = [...(loss.msl === null ? [] : [loss.msl]), ...(loss.layers ?? [])];
  const taps = places.flatMap(({ taps, weight }) => [
    ...(taps ?? []),
    ...(typeof weight === 'number' ? [] : Object.keys(weight)),
  ]);
  const wanted = [
    ...(loss.layers ?? []).map(({ name }) => ['loss', name] as const),
    ...taps.filter((tap) => customTap(tap) !== undefined).map((tap) => ['tap', tap] as const),
    ['network', network.name] as const,
  ];
  const keys = [...new Set(wanted.map(([kind, name]) => `${kind} ${name}`))];
  return keys.flatMap((key) => {
    const [kind, name] = key.split(' ') as [CustomPart['kind'], string];
    return customPart(kind, name) ?? [];
  });
}

/** What is wrong with an entry of `custom`: a file that was not loaded, a part that is another one here. */
function problemOf(entry: string | CustomPart, used: readonly CustomPart[], place: string): string[] {
  if (typeof entry === 'string') {
    if (customParts().some(({ file }) => file === recordedPath(entry))) return [];
    return [`${place}: '${entry}' was not loaded; await loadCustomParts('${entry}') first`];
  }
  const { kind, name, sha256 } = entry;
  const here = used.find((part) => part.kind === kind && part.name === name);
  if (here === undefined) return [`${place}: the ${kind} '${name}' is not used, or not registered`];
  if (here.sha256 === sha256) return [];
  return [
    `${place}: the ${kind} '${name}' is not the one that was recorded: its sha256 is ${here.sha256}, not ${sha256}`,
  ];
}

function explain(issue: z.core.$ZodIssue, value: unknown, schema: typeof specificationSchema): string {
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return unknownKeys(issue.path, issue.keys, Object.keys(shapeAt(schema, issue.path, value)));
  }
  if (issue.code === 'invalid_union' && place === 'network.name') {
    const own = customParts().flatMap((part) => (part.kind === 'network' ? [part.name] : []));
    const given = String((issue.input as { name?: unknown } | undefined)?.name);
    return `${place}: ${unknownName('network', given, [...NETWORK_NAMES, ...own])}`;
  }
  const input = issue.input === undefined ? '' : ` (it is ${JSON.stringify(issue.input)})`;
  return `${place === '' ? 'the specification' : place}: ${issue.message}${input}`;
}

/** The fields at a path of a schema; where there is a choice, those of what `value` has chosen. */
function shapeAt(from: unknown, path: readonly PropertyKey[], value: unknown): Record<string, unknown> {
  let schema = from;
  let at = value;
  for (const key of path) {
    schema = shapeOf(schema, at)[String(key)];
    at = (at as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return shapeOf(schema, at);
}

interface AnySchema {
  readonly shape?: Record<string, AnySchema>;
  readonly options?: readonly AnySchema[];
  readonly unwrap?: () => AnySchema;
  /** What a transformation is given. */
  readonly in?: AnySchema;
  readonly safeParse?: (value: unknown) => { readonly success: boolean };
}

function shapeOf(schema: unknown, value: unknown): Record<string, unknown> {
  let inner = schema as AnySchema;
  while (inner.shape === undefined && !isChoice(inner)) {
    const within = inner.in ?? inner.unwrap?.();
    if (within === undefined) break;
    inner = within;
  }
  if (!isChoice(inner)) return inner.shape ?? {};
  const { name } = (value ?? {}) as { name?: unknown };
  const chosen = inner.options.find((option) => option.shape?.['name']?.safeParse?.(name).success);
  return (chosen ?? inner.options[0])?.shape ?? {};
}

/** Enums have options, too, which are texts. */
const isChoice = (schema: AnySchema): schema is AnySchema & { options: readonly AnySchema[] } =>
  typeof schema.options?.[0] === 'object';

/**
 * Applies changes such as `loss.msl.margin=0.8` to a specification as written. Values are read as JSON, or else
 * as text.
 *
 * @throws {UserError} for a change without `=`
 */
export function applySettings(value: SpecificationInput, settings: readonly string[]): SpecificationInput {
  const changed = structuredClone(value) as unknown;
  // Whoever reads the specification says what is wrong with it.
  if (!isRecord(changed)) return value;
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at < 1) {
      throw new UsageError(`'${setting}' is no setting; write PATH=VALUE, e.g. --set loss.msl.margin=0.8`);
    }
    const keys = setting.slice(0, at).split('.');
    if (keys.some((key) => key === '' || key in Object.prototype)) {
      throw new UsageError(
        `'${setting}' is no setting: '${setting.slice(0, at)}' is no path of a specification.`,
      );
    }
    let place = changed;
    for (const key of keys.slice(0, -1)) {
      const there = place[key];
      // A list is reached by its indices: loss.layers.0.weight.
      const inner = isRecord(there) || Array.isArray(there) ? (there as Record<string, unknown>) : {};
      place[key] = inner;
      place = inner;
    }
    place[keys.at(-1)!] = readValue(setting.slice(at + 1));
  }
  return changed;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** SHA-256 of the complete specification, whatever the order of its fields. */
export function specificationHash(specification: Specification): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(specification)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

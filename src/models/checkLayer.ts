/** Whether a layer is written as its kind asks: what TypeScript checks, for files that are run without being checked. */
import { unknownName } from '../engine/index.ts';
import type { Layer } from './layers.ts';

type KindOf<L> = L extends { readonly kind: infer Kind } ? Kind : never;
type LayerOf<Kind> = Layer extends infer L
  ? L extends Layer
    ? Kind extends KindOf<L>
      ? L
      : never
    : never
  : never;

/** Type of a field, and whether it can be left out. */
type Field = 'number' | 'string' | 'layers' | 'optional';

const POOLING = { size: 'number', stride: 'number', padding: 'optional' } as const;

/** What each kind of layer has. */
const FIELDS: {
  readonly [Kind in Layer['kind']]: Readonly<Record<Exclude<keyof LayerOf<Kind>, 'kind'>, Field>>;
} = {
  convolution: { name: 'string', size: 'number', stride: 'optional', channels: 'number', then: 'optional' },
  batchNorm: { name: 'string' },
  rectifier: {},
  maxPool: POOLING,
  averagePool: POOLING,
  globalAverage: {},
  flatten: {},
  dense: { name: 'string', units: 'number', batchNorm: 'optional' },
  dropout: { rate: 'number', wholeMaps: 'optional' },
  residual: { name: 'string', before: 'optional', body: 'layers', projection: 'optional' },
  tap: { name: 'string', rectify: 'optional' },
};

/** @throws {RangeError} for a kind or a field that is not known, and a field that is missing */
export function checkLayer(layer: Layer): void {
  const { kind } = layer;
  const given: unknown = kind;
  if (!Object.hasOwn(FIELDS, kind)) {
    throw new RangeError(unknownName('kind of layer', String(given), Object.keys(FIELDS)));
  }
  const fields = new Map<string, Field>(Object.entries(FIELDS[kind]));
  const named = 'name' in layer ? `${kind} '${layer.name}'` : kind;
  // A name does no harm to those that need none.
  const known = [...new Set(['kind', 'name', ...fields.keys()])];
  const unknown = Object.keys(layer).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`${named}: ${unknownName('field', unknown, known)}`);
  for (const [name, field] of fields) {
    if (field === 'optional') continue;
    const value: unknown = (layer as Readonly<Record<string, unknown>> & Layer)[name];
    if (field === 'layers' ? Array.isArray(value) : typeof value === field) continue;
    const wanted = field === 'layers' ? 'a list of layers' : `a ${field}`;
    throw new RangeError(
      `${named} needs '${name}', ${wanted}; it is ${value === undefined ? 'missing' : JSON.stringify(value)}`,
    );
  }
}

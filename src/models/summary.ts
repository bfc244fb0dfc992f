/** What follows from a description of layers alone: shapes, parameters, cost. */
import { checkLayer } from './checkLayer.ts';
import type { Convolution, Layer, Pooling, Residual } from './layers.ts';
import { shortcutStrides } from './shortcut.ts';
import type { FeatureShape, LayerSummary, ParameterSpec, StatisticSpec } from './types.ts';

/** What passes from layer to layer. */
interface State {
  readonly shape: FeatureShape;
  /** Receptive field, and the distance of two neighbours' fields, in pixels. */
  readonly field: number;
  readonly step: number;
}

interface Summarised {
  readonly rows: readonly LayerSummary[];
  readonly state: State;
}

/**
 * All layers in order, those within a residual block before its sum.
 *
 * @throws {RangeError} for a layer that is none, or that does not fit what comes before it, or leaves nothing of it
 */
export function summarizeLayers(
  layers: readonly Layer[],
  imageShape: readonly [number, number, number],
): readonly LayerSummary[] {
  if (!isWhole(imageShape)) {
    throw new RangeError(
      `rows, columns and channels of an image are whole numbers from 1, not ${imageShape.join(' x ')}`,
    );
  }
  return sequence(layers, { shape: imageShape, field: 1, step: 1 }).rows;
}

const isWhole = (shape: readonly number[]) => shape.every((size) => Number.isInteger(size) && size >= 1);

function sequence(layers: readonly Layer[], start: State): Summarised {
  const rows: LayerSummary[] = [];
  let state = start;
  for (const layer of layers) {
    const next = summarise(layer, state);
    rows.push(...next.rows);
    state = next.state;
  }
  return { rows, state };
}

function summarise(layer: Layer, state: State): Summarised {
  checkLayer(layer);
  const named = 'name' in layer ? layer.name : layer.kind;
  const one = (
    next: Partial<State>,
    own: Partial<Pick<LayerSummary, 'parameters' | 'statistics' | 'multiplyAdds' | 'kind'>> = {},
  ): Summarised => {
    const after = { ...state, ...next };
    if (!isWhole(after.shape)) {
      const [from, to] = [state.shape, after.shape].map((shape) => shape.join(' x '));
      throw new RangeError(`${named} makes ${to} of ${from}: sizes have to be whole numbers from 1`);
    }
    const row = {
      name: named,
      kind: layer.kind,
      outputShape: after.shape,
      parameters: [],
      statistics: [],
      multiplyAdds: 0,
      receptiveField: after.field,
      ...own,
    };
    return { rows: [row], state: after };
  };
  switch (layer.kind) {
    case 'convolution': {
      const shape = map(state, layer.name);
      const { size, stride = 1, channels } = layer;
      const outputShape = strided(shape, stride, channels);
      return one(windowed(state, outputShape, size, stride), {
        parameters: convolutionParameters(layer, shape[2]),
        statistics: (layer.then ?? 'batchNorm') === 'batchNorm' ? statistics(layer.name, channels) : [],
        multiplyAdds: size * size * shape[2] * channels * outputShape[0] * outputShape[1],
      });
    }
    case 'batchNorm': {
      const channels = state.shape.at(-1)!;
      return one(
        {},
        { parameters: scaleAndBias(layer.name, channels), statistics: statistics(layer.name, channels) },
      );
    }
    case 'maxPool':
    case 'averagePool':
      return one(windowed(state, pooled(layer, map(state, named)), layer.size, layer.stride));
    case 'globalAverage': {
      const [height, width, channels] = map(state, named);
      return one({ shape: [channels], field: state.field + (Math.max(height, width) - 1) * state.step });
    }
    case 'flatten': {
      const [height, width, channels] = map(state, named);
      const field = state.field + (Math.max(height, width) - 1) * state.step;
      return one({ shape: [height * width * channels], field });
    }
    case 'dense': {
      if (state.shape.length !== 1)
        throw new RangeError(`${named} needs flattened or averaged features before it`);
      const [features] = state.shape;
      const kernel: ParameterSpec = {
        name: `${layer.name}/kernel`,
        shape: [features, layer.units],
        init: layer.batchNorm ? 'he' : 'lecun',
        decay: true,
      };
      const bias: ParameterSpec = { name: `${layer.name}/bias`, shape: [layer.units], init: 0, decay: false };
      return one(
        { shape: [layer.units] },
        {
          parameters: [kernel, ...(layer.batchNorm ? scaleAndBias(layer.name, layer.units) : [bias])],
          statistics: layer.batchNorm ? statistics(layer.name, layer.units) : [],
          multiplyAdds: features * layer.units,
        },
      );
    }
    case 'residual':
      return residual(layer, state);
    case 'dropout':
      if (!(layer.rate >= 0 && layer.rate < 1)) {
        throw new RangeError(`the rate of a dropout is from 0 to below 1, not ${layer.rate}`);
      }
      if (layer.wholeMaps === true) map(state, named);
      return one({});
    case 'rectifier':
    case 'tap':
      return one({});
  }
}

function residual({ name, before = [], body, projection }: Residual, state: State): Summarised {
  const common = sequence(before, state);
  const main = sequence(body, common.state);
  const side = projection === undefined ? undefined : summarise(projection, common.state);
  const { shape } = main.state;
  if (projection === undefined) requireIdentity(name, map(state, name), map(main.state, name));
  if (side !== undefined && String(side.state.shape) !== String(shape)) {
    throw new RangeError(
      `${name}: the body gives ${shape.join(' x ')}, the projection ${side.state.shape.join(' x ')}`,
    );
  }
  const sum: LayerSummary = {
    name,
    kind: 'residual',
    outputShape: shape,
    parameters: [],
    statistics: [],
    multiplyAdds: 0,
    receptiveField: main.state.field,
  };
  const shortcut = (side?.rows ?? []).map((row): LayerSummary => ({ ...row, kind: 'shortcut' }));
  return { rows: [...common.rows, ...main.rows, ...shortcut, sum], state: main.state };
}

/** @throws {RangeError} where a shortcut without a projection does not reach the shape of the body */
function requireIdentity(
  name: string,
  from: readonly [number, number, number],
  to: readonly [number, number, number],
): void {
  const strides = shortcutStrides([from[0], from[1]], [to[0], to[1]]);
  const reached = strides.every((stride, axis) => Math.ceil(from[axis]! / stride) === to[axis]);
  if (reached && to[2] >= from[2]) return;
  throw new RangeError(
    `${name}: without a projection a block cannot make ${to.join(' x ')} of ${from.join(' x ')}: it leaves out rows and columns and ` +
      'adds channels, never takes any away',
  );
}

function map({ shape }: State, name: string): readonly [number, number, number] {
  if (shape.length !== 3)
    throw new RangeError(`${name} needs feature maps, not ${shape.join(' x ')} features`);
  return shape;
}

const strided = (
  [height, width]: readonly [number, number, number],
  stride: number,
  channels: number,
): [number, number, number] => [Math.ceil(height / stride), Math.ceil(width / stride), channels];

function pooled(
  { size, stride, padding = 'same' }: Pooling,
  shape: readonly [number, number, number],
): FeatureShape {
  if (padding === 'same') return strided(shape, stride, shape[2]);
  return strided([shape[0] - size + 1, shape[1] - size + 1, shape[2]], stride, shape[2]);
}

const windowed = ({ field, step }: State, shape: FeatureShape, size: number, stride: number): State => ({
  shape,
  field: field + (size - 1) * step,
  step: step * stride,
});

function convolutionParameters(
  { name, size, channels, then = 'batchNorm' }: Convolution,
  from: number,
): ParameterSpec[] {
  const kernel: ParameterSpec = {
    name: `${name}/kernel`,
    shape: [size, size, from, channels],
    init: 'he',
    decay: true,
  };
  if (then === 'nothing') return [kernel];
  if (then === 'bias') return [kernel, scaleAndBias(name, channels)[1]!];
  return [kernel, ...scaleAndBias(name, channels)];
}

const scaleAndBias = (name: string, channels: number): ParameterSpec[] => [
  { name: `${name}/scale`, shape: [channels], init: 1, decay: false },
  { name: `${name}/bias`, shape: [channels], init: 0, decay: false },
];

const statistics = (name: string, channels: number): StatisticSpec[] => [
  { name: `${name}/mean`, shape: [channels], init: 0 },
  { name: `${name}/variance`, shape: [channels], init: 1 },
];

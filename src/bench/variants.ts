import type { EngineName, Precision } from '../engine/index.ts';

/** What trains: graphs, operations one by one and two engines of this project's language, or a peer in Python. */
export const BENCH_ENGINES = ['graph', 'eager', 'wasm', 'cpu'] as const;
export type BenchEngine = (typeof BENCH_ENGINES)[number];

/** How a process of this project trains. */
export interface OwnSettings {
  readonly engine: EngineName;
  readonly precision: Precision;
  /**
   * - `project`: the project's network, gradients and optimizer, as a graph where the engine has graphs
   * - `stock`: TensorFlow.js alone, as one writes it with its documentation
   * - `step`: the project's training step with MSL on all taps and weight decay, on batches that lie ready
   * - `loop`: the same step in the project's whole training loop, with crop and flip
   * - `epoch`: whole epochs of that loop, over a data set of the workload's `images`
   */
  readonly way: 'project' | 'stock' | 'step' | 'loop' | 'epoch';
}

/** How a peer trains; which settings there are depends on the script. */
export interface PeerSettings {
  readonly precision: Precision;
  readonly channelsLast?: boolean;
  readonly compile?: boolean;
  readonly function?: boolean;
}

/** One row of the benchmark. */
export interface Variant {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly precision: Precision;
  /** Which of {@link BENCH_ENGINES}; absent for peers. */
  readonly engine?: BenchEngine;
  /** Absent for this project's own. */
  readonly script?: 'torch_peer.py' | 'tensorflow_peer.py';
  readonly settings: OwnSettings | PeerSettings;
  /** Default: the benchmark's. A slow variant takes fewer. */
  readonly steps?: number;
  /** Whether its losses can be compared with those of the others; default true. */
  readonly comparable?: boolean;
}

export const OWN: readonly Variant[] = [
  own('graph', 'graph', 'tensorflow', 'float32', 'graph function'),
  own('graph-bfloat16', 'graph', 'tensorflow', 'bfloat16', 'graph function'),
  { ...own('eager', 'eager', 'tensorflow', 'float32', 'tfjs-node, one operation at a time'), ...stock() },
  { ...own('wasm', 'wasm', 'wasm', 'float32', 'wasm'), steps: 4 },
];

/** Compared on small batches of a smaller network, since a step of `cpu` takes long. */
export const JAVASCRIPT: readonly Variant[] = [
  { ...own('wasm', 'wasm', 'wasm', 'float32', 'wasm') },
  { ...own('cpu', 'cpu', 'cpu', 'float32', 'cpu (plain JavaScript)'), steps: 1 },
];

export const LOOP: readonly Variant[] = [
  {
    ...own('step', 'graph', 'tensorflow', 'float32', 'training step with MSL'),
    settings: { engine: 'tensorflow', precision: 'float32', way: 'step' },
    comparable: false,
  },
  {
    ...own('loop', 'graph', 'tensorflow', 'float32', 'whole loop: batches, crop, flip, step'),
    settings: { engine: 'tensorflow', precision: 'float32', way: 'loop' },
    comparable: false,
  },
];

/** An epoch counts as a step. */
export const EPOCH: readonly Variant[] = [
  {
    ...own('epoch', 'graph', 'tensorflow', 'float32', 'whole epoch: batches, crop, flip, step'),
    settings: { engine: 'tensorflow', precision: 'float32', way: 'epoch' },
    comparable: false,
    steps: 1,
  },
];

export const PEERS: readonly Variant[] = [
  torch('torch', 'PyTorch, default', { precision: 'float32', channelsLast: false, compile: false }),
  torch('torch-channels-last', 'PyTorch, channels_last', {
    ...{ precision: 'float32', channelsLast: true, compile: false },
  }),
  torch('torch-compile', 'PyTorch, torch.compile', {
    ...{ precision: 'float32', channelsLast: false, compile: true },
  }),
  torch('torch-compile-channels-last', 'PyTorch, torch.compile, channels_last', {
    ...{ precision: 'float32', channelsLast: true, compile: true },
  }),
  torch('torch-bfloat16', 'PyTorch, autocast, channels_last', {
    ...{ precision: 'bfloat16', channelsLast: true, compile: false },
  }),
  torch('torch-bfloat16-compile', 'PyTorch, autocast, torch.compile, channels_last', {
    ...{ precision: 'bfloat16', channelsLast: true, compile: true },
  }),
  tensorflow('tf-eager', 'Python TensorFlow, eager', { precision: 'float32', function: false }),
  tensorflow('tf-function', 'Python TensorFlow, tf.function', { precision: 'float32', function: true }),
  tensorflow('tf-function-bfloat16', 'Python TensorFlow, tf.function', {
    ...{ precision: 'bfloat16', function: true },
  }),
];

function own(
  name: string,
  engine: BenchEngine,
  library: EngineName,
  precision: Precision,
  title: string,
): Variant {
  return { name, title, precision, engine, settings: { engine: library, precision, way: 'project' } };
}

function stock(): Pick<Variant, 'settings'> {
  return { settings: { engine: 'tensorflow', precision: 'float32', way: 'stock' } };
}

function torch(name: string, title: string, settings: PeerSettings): Variant {
  return { name, title, precision: settings.precision, script: 'torch_peer.py', settings };
}

function tensorflow(name: string, title: string, settings: PeerSettings): Variant {
  return { name, title, precision: settings.precision, script: 'tensorflow_peer.py', settings };
}

import { tf } from '../tf.ts';

/**
 * What an optimizer of TensorFlow.js keeps outside its variables: numbers (learning rate, decays), tensors made of
 * them (SGD's negative learning rate), and a count of iterations.
 */
interface Fields {
  iterations_?: number;
  learningRate?: unknown;
}

/** Runs `body` with `count` in place of the method that counts an iteration, which every optimizer calls. */
export function countingIterations<T>(count: (optimizer: tf.Optimizer) => void, body: () => T): T {
  const prototype = tf.Optimizer.prototype as unknown as {
    incrementIterations: (this: tf.Optimizer) => void;
  };
  const original = prototype.incrementIterations;
  prototype.incrementIterations = function () {
    count(this);
  };
  try {
    return body();
  } finally {
    prototype.incrementIterations = original;
  }
}

/** Adds to the number of iterations that the optimizer has seen. */
export function addIterations(optimizer: tf.Optimizer, count: number): void {
  const fields = optimizer as unknown as Fields;
  fields.iterations_ = (fields.iterations_ ?? 0) + count;
}

/** The learning rate, where the optimizer keeps it as a number. */
export function learningRateOf(optimizer: tf.Optimizer): number | undefined {
  const { learningRate } = optimizer as unknown as Fields;
  return typeof learningRate === 'number' ? learningRate : undefined;
}

/** Runs `body` while each optimizer has the learning rate of `rates`. */
export function withLearningRates<T>(rates: ReadonlyMap<tf.Optimizer, number>, body: () => T): T {
  const before = [...rates.keys()].map((optimizer) => [optimizer, learningRateOf(optimizer)] as const);
  const set = (optimizer: tf.Optimizer, rate: number | undefined) => {
    (optimizer as unknown as Fields).learningRate = rate;
  };
  for (const [optimizer, rate] of rates) set(optimizer, rate);
  try {
    return body();
  } finally {
    for (const [optimizer, rate] of before) set(optimizer, rate);
  }
}

/** The property that holds a tensor, e.g. `c` of SGD: `setLearningRate` puts another tensor there. */
export function propertyWith(optimizer: tf.Optimizer, dataId: object): string | undefined {
  return Object.entries(optimizer).find(
    ([, value]) => value instanceof tf.Tensor && value.dataId === dataId,
  )?.[0];
}

/** The variables that an optimizer holds (slots, running products); `setWeights` puts others in their place. */
export function variablesOf(optimizer: tf.Optimizer): ReadonlySet<tf.Variable> {
  const held = Object.values(optimizer).flatMap((value: unknown) =>
    Array.isArray(value) ? (value as unknown[]) : [value],
  );
  return new Set(
    held
      .map((value) =>
        typeof value === 'object' && value !== null && 'variable' in value ? value.variable : value,
      )
      .filter((value): value is tf.Variable => value instanceof tf.Variable),
  );
}

/** The numbers and switches that an optimizer's operations are made of; a graph holds for these only. */
export function settingsOf(optimizer: tf.Optimizer, without: readonly string[]): string {
  const settings = Object.entries(optimizer).filter(
    ([name, value]) =>
      !['iterations_', ...without].includes(name) &&
      (typeof value === 'number' || typeof value === 'boolean'),
  );
  return settings.map(([name, value]) => `${name} ${String(value)}`).join();
}

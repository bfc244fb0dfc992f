import assert from 'node:assert/strict';

import * as tf from '@tensorflow/tfjs';

import { createStream } from '../../../src/engine/random.ts';
import { startWasm } from '../../../src/engine/wasm/backend.ts';

/** A computation that can be repeated on another backend: it makes its tensors itself. */
export type Computation = () => tf.Tensor | tf.Tensor[];

/** A tensor of normal values that depends on nothing but its arguments. */
export function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], name: string): tf.Tensor<R> {
  const stream = createStream(1, name);
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => stream.normal()),
    shape,
  );
}

/** What a computation yields on a backend. */
export function valuesOn(
  backend: 'wasm' | 'cpu',
  computation: Computation,
): { shape: number[]; values: tf.TypedArray }[] {
  // Both backends are started by startBackends(), so this needs no waiting.
  void tf.setBackend(backend);
  assert.equal(tf.getBackend(), backend);
  return tf.tidy(() =>
    [computation()].flat().map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync() })),
  );
}

export async function startBackends(): Promise<void> {
  await startWasm();
  await tf.setBackend('cpu');
  await tf.setBackend('wasm');
}

/**
 * The largest difference between the two backends, relative to the largest absolute value of the cpu backend's result
 * (of each tensor).
 */
export function differenceFromCpu(computation: Computation): number {
  const expected = valuesOn('cpu', computation);
  const found = valuesOn('wasm', computation);
  assert.deepEqual(
    found.map(({ shape }) => shape),
    expected.map(({ shape }) => shape),
  );
  return Math.max(...expected.map(({ values }, i) => relativeDifference(found[i]!.values, values)));
}

export function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    // Written so that a NaN on one side only is a difference without bound.
    const d = Object.is(found[i]!, expected[i]!) ? 0 : Math.abs(found[i]! - expected[i]!);
    difference = Number.isNaN(d) ? Infinity : Math.max(difference, d);
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference === 0 ? 0 : difference / scale;
}

/** Fails where a computation leaves a tensor, or a piece of wasm memory, behind. */
export function assertNoLeak(computation: Computation): void {
  void tf.setBackend('wasm');
  const count = (): { tensors: number; bytes: number; data: number } => ({
    tensors: tf.memory().numTensors,
    bytes: tf.memory().numBytes,
    data: tf.engine().backend.numDataIds(),
  });
  const before = count();
  tf.tidy(() => void computation());
  assert.deepEqual(count(), before);
}

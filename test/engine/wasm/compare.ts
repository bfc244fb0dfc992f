import assert from 'node:assert/strict';

import { tf } from '../../../src/engine/tf.ts';
import type { EngineName } from '../../../src/engine/load.ts';
import { startWasm } from '../../../src/engine/wasm/backend.ts';

export { normal } from '../../support/engine.ts';

/** A computation that can be repeated on another backend: it makes its tensors itself. */
export type Computation = () => tf.Tensor | tf.Tensor[];

/** What a computation yields on a backend. */
export function valuesOn(
  backend: EngineName,
  computation: Computation,
): { shape: number[]; values: tf.TypedArray }[] {
  // It has been started, so this needs no waiting.
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
 * The largest difference between a backend and cpu, relative to the largest absolute value of the cpu backend's result
 * (of each tensor).
 */
export function differenceFromCpu(computation: Computation, backend: EngineName = 'wasm'): number {
  const expected = valuesOn('cpu', computation);
  const found = valuesOn(backend, computation);
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

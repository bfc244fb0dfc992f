import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { correctAveragePooling } from '../../src/engine/corrections/averagePooling.ts';
import { createStream, type EngineName } from '../../src/engine/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { differenceFromCpu, normal } from './wasm/compare.ts';

let engine: EngineName;

before(async () => {
  engine = (await engineUnderTest()).name;
  // For the backend that is compared with.
  correctAveragePooling('cpu');
  await tf.setBackend('cpu');
  await tf.setBackend(engine);
});

interface Case {
  /** Side of the filter or window. */
  readonly size: number;
  readonly stride: number;
  readonly batch: number;
  readonly side: number;
  /** Channels of the input and of the output. */
  readonly channels: readonly [number, number];
  readonly pad: 'same' | 'valid';
}

type Operation = (x: tf.Tensor4D, filter: tf.Tensor4D, given: Case) => tf.Tensor;

/** With the shape of the filter. */
const OPERATIONS: Readonly<Record<string, [(given: Case) => [number, number, number, number], Operation]>> = {
  'conv2d': [
    ({ size, channels }) => [size, size, ...channels],
    (x, filter, { stride, pad }) => tf.conv2d(x, filter, stride, pad),
  ],
  'conv2dTranspose': [
    ({ size, channels: [from, to] }) => [size, size, to, from],
    (x, filter, { stride, batch, side, channels }) =>
      tf.conv2dTranspose(x, filter, [batch, side * stride, side * stride, channels[1]], stride, 'same'),
  ],
  'depthwiseConv2d': [
    ({ size, channels }) => [size, size, channels[0], 1 + (channels[1] % 2)],
    (x, filter, { stride, pad }) => tf.depthwiseConv2d(x, filter, stride, pad),
  ],
  'maxPool': [
    () => [1, 1, 1, 1],
    (x, factor, { size, stride, pad }) => tf.mul(tf.maxPool(x, size, stride, pad), factor),
  ],
  'avgPool': [
    () => [1, 1, 1, 1],
    (x, factor, { size, stride, pad }) => tf.mul(tf.avgPool(x, size, stride, pad), factor),
  ],
}; // prettier-ignore

/**
 * TensorFlow's library of kernels chooses between a dozen of them by sizes, channels, strides and the processor; each has
 * been wrong somewhere. So many shapes, which leave vectors and blocks of channels full, begun and empty.
 */
function* cases(name: string, count: number): Generator<Case> {
  const stream = createStream(1, name);
  const oneOf = <T>(values: readonly T[]): T => values[stream.int(values.length)]!;
  for (let i = 0; i < count; i++) {
    const size = oneOf([1, 1, 2, 3, 3, 5]);
    yield {
      size,
      stride: oneOf([1, 2, 2, 3]),
      batch: oneOf([1, 2, 8]),
      side: oneOf([5, 6, 8, 9, 14]),
      channels: [oneOf([1, 2, 3, 4, 6, 7, 8, 12, 16, 17]), oneOf([1, 2, 4, 7, 8, 9, 16, 20])],
      pad: oneOf(['same', 'valid'] as const),
    };
  }
}

describe('values and both gradients equal those of TensorFlow.js in plain JavaScript', () => {
  for (const [name, [filterShape, operation]] of Object.entries(OPERATIONS)) {
    test(name, (t) => {
      if (engine === 'cpu') {
        t.skip('which this is');
        return;
      }
      for (const given of cases(name, 40)) {
        const difference = differenceFromCpu(() => {
          const { batch, side, channels } = given;
          const x = normal<tf.Rank.R4>([batch, side, side, channels[0]], 'x');
          const filter = normal<tf.Rank.R4>(filterShape(given), 'filter');
          const f = (...[a, b]: tf.Tensor[]): tf.Tensor =>
            operation(a as tf.Tensor4D, b as tf.Tensor4D, given);
          const y = f(x, filter);
          return [y, ...tf.grads(f)([x, filter], normal(y.shape, 'dy'))];
        }, engine);
        assert.ok(difference < 1e-4, `${JSON.stringify(given)}: ${difference} of the largest value`);
      }
    });
  }
});

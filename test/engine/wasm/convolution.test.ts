import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import type { backend_util } from '@tensorflow/tfjs';

import { tf } from '../../../src/engine/tf.ts';
import { assertNoLeak, differenceFromCpu, normal, startBackends, valuesOn } from './compare.ts';

type Padding = 'same' | 'valid' | backend_util.ExplicitPadding;

interface Case {
  readonly image: [number, number, number, number];
  readonly filter: [number, number, number, number];
  readonly strides: number | [number, number];
  readonly pad: Padding;
}

const ASYMMETRIC: Padding = [
  [0, 0],
  [2, 1],
  [0, 3],
  [0, 0],
];

/** Output and both gradients of a convolution, the gradients for an arbitrary output gradient. */
function convolution({ image, filter, strides, pad }: Case): tf.Tensor[] {
  const x = normal<tf.Rank.R4>(image, 'x');
  const w = normal<tf.Rank.R4>(filter, 'w');
  const forward = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D => tf.conv2d(a, b, strides, pad);
  const y = forward(x, w);
  const dy = normal<tf.Rank.R4>(y.shape, 'dy');
  const gradients = tf.grads(
    // @ts-expect-error The type of tf.grads knows only rank-less tensors.
    (a: tf.Tensor4D, b: tf.Tensor4D) => forward(a, b),
  )([x, w], dy);
  return [y, ...gradients];
}

function describeCase({ image, filter, strides, pad }: Case): string {
  return `image ${image.join('x')}, filter ${filter.join('x')}, strides ${String(strides)}, pad ${JSON.stringify(pad)}`;
}

function* cases(): Generator<Case> {
  for (const size of [1, 2, 3, 5])
    for (const strides of [1, 2, 3])
      for (const pad of ['same', 'valid', ASYMMETRIC] satisfies Padding[])
        for (const [inChannels, outChannels] of [
          [1, 8],
          [3, 1],
          [8, 3],
        ] as const)
          for (const [height, width] of [
            [7, 10],
            [6, 5],
          ] as const)
            for (const batch of [1, 4])
              yield {
                image: [batch, height, width, inChannels],
                filter: [size, size, inChannels, outChannels],
                strides,
                pad,
              };
}

before(startBackends);

describe('convolution and its gradients equal the cpu backend', () => {
  test('over sizes, strides, paddings, channels and batches', () => {
    for (const c of cases()) {
      const difference = differenceFromCpu(() => convolution(c));
      assert.ok(difference < 1e-5, `${describeCase(c)}: ${difference}`);
    }
  });

  const special: Record<string, Case> = {
    'an output of one position': { image: [4, 3, 3, 3], filter: [3, 3, 3, 8], strides: 1, pad: 'valid' },
    'an input of one position': { image: [1, 1, 1, 3], filter: [3, 3, 3, 8], strides: 1, pad: 'same' },
    'a stride larger than the filter': {
      image: [4, 7, 8, 3],
      filter: [1, 1, 3, 8],
      strides: 3,
      pad: 'valid',
    },
    'a stride larger than the input': { image: [2, 3, 3, 3], filter: [2, 2, 3, 4], strides: 5, pad: 'valid' },
    'windows that lie in the padding': {
      image: [2, 2, 3, 3],
      filter: [1, 1, 3, 4],
      strides: 1,
      pad: [
        [0, 0],
        [3, 2],
        [4, 1],
        [0, 0],
      ],
    },
    'rows of the input that no window reaches': {
      image: [2, 9, 8, 2],
      filter: [2, 2, 2, 3],
      strides: 3,
      pad: 'valid',
    },
    'a filter of two sizes, strides of two sizes': {
      image: [3, 9, 8, 2],
      filter: [2, 5, 2, 3],
      strides: [3, 2],
      pad: ASYMMETRIC,
    },
    // 9,000 positions are two chunks of the filter's gradient, of 3 and 2 images.
    'a batch of several chunks': { image: [5, 45, 40, 2], filter: [3, 3, 2, 3], strides: 1, pad: 'same' },
    'a batch of several chunks, strides': {
      image: [5, 90, 80, 2],
      filter: [3, 3, 2, 3],
      strides: 2,
      pad: 'same',
    },
  };
  for (const [name, c] of Object.entries(special)) {
    test(name, () => {
      const difference = differenceFromCpu(() => convolution(c));
      assert.ok(difference < 1e-5, `${difference}`);
      assertNoLeak(() => convolution(c));
    });
  }
});

test("the filter's gradient keeps its digits over a large batch", () => {
  // The gradient at the filter's middle is the sum of x dy over all positions; float32 sums one after the other
  // would have lost about 3e-5 of the scale here.
  const shape: [number, number, number, number] = [64, 32, 32, 4];
  const [dw] = valuesOn('wasm', () => {
    const x = tf.add(normal<tf.Rank.R4>(shape, 'x'), 1);
    const dy = tf.add(normal<tf.Rank.R4>(shape, 'dy'), 1);
    return tf
      .engine()
      .runKernel(
        'Conv2DBackpropFilter',
        { x, dy },
        { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 4, 4] },
      );
  });
  const [x, dy] = valuesOn('wasm', () => [
    tf.add(normal<tf.Rank.R4>(shape, 'x'), 1),
    tf.add(normal<tf.Rank.R4>(shape, 'dy'), 1),
  ]);
  for (let c = 0; c < 4; c++)
    for (let k = 0; k < 4; k++) {
      let sum = 0;
      for (let i = 0; i < 64 * 32 * 32; i++) sum += x!.values[i * 4 + c]! * dy!.values[i * 4 + k]!;
      const found = dw!.values[((1 * 3 + 1) * 4 + c) * 4 + k]!;
      assert.ok(Math.abs(found - sum) < 3e-6 * Math.abs(sum), `${c}, ${k}: ${found} for ${sum}`);
    }
});

test('a data format that wasm lacks is refused by name', () => {
  assert.throws(
    () =>
      valuesOn('wasm', () =>
        tf
          .engine()
          .runKernel(
            'Conv2DBackpropFilter',
            { x: tf.zeros([1, 2, 4, 4]), dy: tf.zeros([1, 3, 4, 4]) },
            { strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [3, 3, 2, 3] },
          ),
      ),
    /'NCHW'.*'NHWC'/,
  );
});

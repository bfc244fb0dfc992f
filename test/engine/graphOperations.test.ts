import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { graphFunction } from '../../src/engine/index.ts';
import { tensorFlowBackend } from '../../src/engine/tracing/backend.ts';
import { assertClose, engineUnderTest, normal, withoutLeak } from '../support/engine.ts';
import { inputs, OPERATIONS, type Inputs } from '../support/operations.ts';

before(async () => {
  await engineUnderTest();
});

test('operations of TensorFlow that TensorFlow.js does not name: inverse, Cholesky, eigenvalues, singular values', (t) => {
  const backend = tensorFlowBackend();
  if (backend === undefined) {
    t.skip('for TensorFlow');
    return;
  }
  const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = backend.binding;
  const run = (name: string, x: tf.Tensor, outputs: number, flags: Record<string, boolean> = {}) => {
    const options = Object.entries(flags).map(([flag, value]) => ({ name: flag, type: TF_ATTR_BOOL, value }));
    return backend.executeMultipleOutputs(name, [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }, ...options], [x], outputs); // prettier-ignore
  };
  withoutLeak(() => {
    const decompose = (x: tf.Tensor2D) =>
      tf.tidy(() => {
        const gram: tf.Tensor2D = tf.add(tf.matMul(x, x, true), tf.mul(0.5, tf.eye(3)));
        const [inverse] = run('MatrixInverse', gram, 1, { adjoint: false });
        const [lower] = run('Cholesky', gram, 1);
        const [values] = run('SelfAdjointEigV2', gram, 2, { compute_v: true });
        const [singular] = run('Svd', x, 3, { compute_uv: true, full_matrices: false });
        return [inverse!, lower!, values!, singular!, tf.matMul(gram, inverse!)];
      });
    const f = graphFunction(decompose);
    const x = normal<tf.Rank.R2>([5, 3], 'decomposed');
    const eager = decompose(x);
    const traced = f(x);
    for (const [i, expected] of eager.entries()) {
      assertClose(traced[i]!.dataSync(), expected.dataSync(), { relative: 1e-5, absolute: 1e-5 }, `${i}`);
    }
    assertClose(traced[4]!.dataSync(), [1, 0, 0, 0, 1, 0, 0, 0, 1], { absolute: 1e-5 }, 'A inverse(A)');
    tf.dispose([x, ...eager, ...traced]);
    f.dispose();
  });
});

describe('graphFunction against eager code: values, and gradients with respect to every input', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    test(name, () => {
      withoutLeak(() => {
        const given = inputs();
        const float = (Object.keys(given) as (keyof Inputs)[]).filter(
          (key) => given[key].dtype === 'float32',
        );
        const withGradients = (values: Inputs) => {
          const results = [operation(values)].flat();
          const loss = (...tensors: tf.Tensor[]) => {
            const substituted = {
              ...values,
              ...Object.fromEntries(float.map((key, i) => [key, tensors[i]!])),
            };
            const [first] = [operation(substituted)].flat();
            // Each input takes part, or there would be no gradient; weights that differ, or those of sums would all be 1.
            const weights = tf.cos(tf.range(0, first!.size));
            const parts = tensors.map((tensor) => tf.mul(tf.sum(tensor), 0.1));
            return tf.addN([tf.sum(tf.mul(tf.reshape(first!, [-1]), weights)), ...parts]) as tf.Scalar;
          };
          return { results, gradients: tf.grads(loss)(float.map((key) => values[key])) };
        };
        tf.tidy(() => {
          const eager = withGradients(given);
          const graph = graphFunction(withGradients);
          for (let call = 0; call < 2; call++) {
            const traced = graph(given);
            for (const part of ['results', 'gradients'] as const) {
              assert.equal(traced[part].length, eager[part].length);
              traced[part].forEach((tensor, i) => {
                const expected = eager[part][i]!;
                assert.deepEqual([tensor.shape, tensor.dtype], [expected.shape, expected.dtype]);
                assertClose(
                  tensor.dataSync(),
                  expected.dataSync(),
                  { relative: 1e-5, absolute: 1e-5 },
                  `${part} ${i}`,
                );
              });
            }
          }
          graph.dispose();
        });
        tf.dispose(Object.values(given));
      });
    });
  }
});

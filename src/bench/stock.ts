import { tf } from '../engine/tf.ts';
import { batchesOf, parametersOf, type Trainee } from './trainee.ts';
import {
  BATCHES,
  CLASSES,
  convolutions,
  LEARNING_RATE,
  MOMENTUM,
  PAIR_WEIGHT,
  type Workload,
} from './workload.ts';

const EPSILON = 1e-3;

/**
 * The workload as one writes it with TensorFlow.js alone: variables, its own optimizer, `tf.moments` and `tf.batchNorm`, one
 * operation at a time. What the project is measured against; it uses nothing of the project's engine.
 */
export function stockTrainee(workload: Workload): Trainee {
  const { batchSize: n, taps } = workload;
  const names = convolutions(workload.widths).map((c) => c.name);
  const initial = parametersOf(workload);
  const variables = Object.fromEntries(
    Object.entries(initial).map(([name, tensor]) => [name, tf.variable(tensor)]),
  );
  const means = names.map((name) => tf.variable(tf.zeros(initial[`${name}/bias`]!.shape), false));
  const variances = names.map((name) => tf.variable(tf.ones(initial[`${name}/bias`]!.shape), false));
  // Pairs are made ahead: no part of the step's time.
  const batches = batchesOf(workload).map(({ images, labels }) => {
    const same = tf.cast(tf.equal(tf.reshape(labels, [n, 1]), tf.reshape(labels, [1, n])), 'float32');
    const alike = tf.sub(same, tf.eye(n));
    const different = tf.sub(1, same);
    const counts = { alike: tf.sum(alike), different: tf.sum(different) };
    return { images, oneHot: tf.cast(tf.oneHot(labels, CLASSES), 'float32'), alike, different, counts };
  });
  const pair = (p: tf.Tensor, { alike, different, counts }: (typeof batches)[number]) => {
    const squares = tf.sum(tf.mul(p, p), 1, true);
    const gram = tf.matMul(p, p, false, true);
    const squared = tf.relu(tf.sub(tf.add(squares, tf.reshape(squares, [1, n])), tf.mul(gram, 2)));
    return tf.add(
      tf.div(tf.sum(tf.mul(alike, squared)), counts.alike),
      tf.div(tf.sum(tf.mul(different, tf.exp(tf.neg(squared)))), counts.different),
    );
  };
  const forward = (images: tf.Tensor4D, training: boolean) => {
    let x = images;
    const pools: tf.Tensor[] = [];
    names.forEach((name, i) => {
      x = tf.conv2d(x, variables[`${name}/kernel`] as unknown as tf.Tensor4D, 1, 'same');
      let mean: tf.Tensor = means[i]!;
      let variance: tf.Tensor = variances[i]!;
      if (training) ({ mean, variance } = tf.moments(x, [0, 1, 2]));
      if (training) {
        means[i]!.assign(tf.add(tf.mul(means[i]!, 0.9), tf.mul(mean, 0.1)));
        variances[i]!.assign(tf.add(tf.mul(variances[i]!, 0.9), tf.mul(variance, 0.1)));
      }
      const [bias, scale] = [variables[`${name}/bias`]!, variables[`${name}/scale`]!] as tf.Tensor1D[];
      const normal = tf.batchNorm4d(x, mean as tf.Tensor1D, variance as tf.Tensor1D, bias, scale, EPSILON);
      x = tf.relu(normal);
      if (i % 2 === 0) return;
      if (i < names.length - 1) x = tf.maxPool(x, 2, 2, 'same');
      pools.push(tf.mean(x, [1, 2]));
    });
    const logits = tf.add(tf.matMul(pools.at(-1)!, variables['dense/kernel']!), variables['dense/bias']!);
    return { logits, pools };
  };
  let optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  const all = Object.values(variables);
  return {
    reset: () => {
      tf.tidy(() => {
        for (const [name, variable] of Object.entries(variables)) variable.assign(initial[name]!);
        for (const mean of means) mean.assign(tf.zerosLike(mean));
        for (const variance of variances) variance.assign(tf.onesLike(variance));
      });
      optimizer.dispose();
      optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
    },
    train: async (k) => {
      const batch = batches[k % BATCHES]!;
      const loss = tf.tidy(() => {
        const total = () => {
          const { logits, pools } = forward(batch.images, true);
          let sum: tf.Tensor = tf.losses.softmaxCrossEntropy(batch.oneHot, logits);
          for (const p of pools.slice(0, taps)) sum = tf.add(sum, tf.mul(pair(p, batch), PAIR_WEIGHT));
          return sum as tf.Scalar;
        };
        return optimizer.minimize(total, true, all)!;
      });
      const [value] = await loss.data();
      loss.dispose();
      return value!;
    },
    infer: async (k) => {
      const classes = tf.tidy(() => tf.argMax(forward(batches[k % BATCHES]!.images, false).logits, 1));
      const values = await classes.data();
      classes.dispose();
      return values;
    },
  };
}

import { tf } from '../../engine/tf.ts';
import { graphFunction } from '../../engine/index.ts';
import type { PlanePoints, Vector } from './points.ts';

/**
 * A loss of a batch of features.
 *
 * @param points `[batch, 2] float32`
 * @param labels `[batch] int32`
 */
export type PlaneLoss = (points: tf.Tensor2D, labels: tf.Tensor1D) => tf.Scalar;

/** Something at a place: where it is, and the force there. */
export interface Force {
  readonly at: Vector;
  /** The negative gradient of the loss: where a step of gradient descent would go. */
  readonly force: Vector;
}

/** The force on each point: minus the gradient of the loss with respect to it. */
export function forcesOnPoints(loss: PlaneLoss, { points, labels }: PlanePoints): Force[] {
  const gradient = rowsOf(() => {
    const y = tf.tensor1d([...labels], 'int32');
    return tf.grad((x) => loss(x as tf.Tensor2D, y))(matrix(points));
  });
  return points.map((at, i) => ({ at, force: opposite(gradient[i]!) }));
}

/**
 * The force on one more point of a class at each of several places, while the others stay: what a sample would feel there.
 * The loss is traced once, so that hundreds of places take a fraction of a second.
 */
export function forceField(
  loss: PlaneLoss,
  { points, labels }: PlanePoints,
  { label, places }: { readonly label: number; readonly places: readonly Vector[] },
): Force[] {
  const others = matrix(points);
  const y = tf.tensor1d([...labels, label], 'int32');
  const gradientAt = graphFunction((probe: tf.Tensor2D): tf.Tensor =>
    tf.grad((p) => loss(tf.concat([others, p as tf.Tensor2D]), y))(probe),
  );
  try {
    return places.map((at) => {
      const [gradient] = rowsOf(() => gradientAt(matrix([at])));
      return { at, force: opposite(gradient!) };
    });
  } finally {
    gradientAt.dispose();
    tf.dispose([others, y]);
  }
}

/**
 * Gradient descent on the loss alone: where the points are before each step and after the last.
 *
 * @param options `rate`: the share of the gradient that a step goes
 * @returns `steps + 1` rows of points
 */
export function descend(
  loss: PlaneLoss,
  { points, labels }: PlanePoints,
  { steps, rate }: { readonly steps: number; readonly rate: number },
): Vector[][] {
  const y = tf.tensor1d([...labels], 'int32');
  const step = graphFunction((x: tf.Tensor2D): tf.Tensor =>
    tf.sub(x, tf.mul(tf.grad((p) => loss(p as tf.Tensor2D, y))(x), rate)),
  );
  const path: Vector[][] = [[...points]];
  try {
    for (let i = 0; i < steps; i++) path.push(rowsOf(() => step(matrix(path.at(-1)!))));
    return path;
  } finally {
    step.dispose();
    y.dispose();
  }
}

const matrix = (points: readonly Vector[]): tf.Tensor2D =>
  tf.tensor2d(
    points.map(([x, y]) => [x, y]),
    [points.length, 2],
  );

/** The rows of a matrix with two columns. */
const rowsOf = (compute: () => tf.Tensor): Vector[] => {
  const tensor = tf.tidy(compute);
  const rows = tensor.arraySync() as unknown as Vector[];
  tensor.dispose();
  return rows;
};

/** Without negative zeros. */
const opposite = ([x, y]: Vector): Vector => [0 - x, 0 - y];

import type { Affinities } from './affinities.ts';
import type { Quadtree } from './quadtree.ts';

/** What {@link tsneGradient} needs. */
export interface GradientOptions {
  readonly affinities: Affinities;
  readonly tree: Quadtree;
  /** `[n, 2]` */
  readonly points: Float64Array;
  /** Factor of the affinities; 1 by default. */
  readonly exaggeration?: number;
  /** `[n, 2]`, overwritten. */
  readonly gradient: Float64Array;
}

/**
 * A quarter of the gradient of t-SNE's objective, `KL(P || Q)` with `Q ~ q_ij = 1 / (1 + ||y_i - y_j||^2)`:
 * `sum_j (p_ij q_ij - q_ij^2 / Z) (y_i - y_j)`, `Z = sum q_ij`. The first part over the affinities there are, the second
 * by the tree.
 *
 * @returns `Z`
 */
export function tsneGradient(options: GradientOptions): number {
  const { affinities, tree, points, exaggeration = 1, gradient } = options;
  const n = points.length / 2;
  gradient.fill(0);
  tree.build(points);
  const z = tree.repel(gradient, 0, n);
  attract(affinities, points, exaggeration, -1 / z, gradient);
  return z;
}

/** `gradient = scale * gradient + exaggeration * sum_j p_ij q_ij (y_i - y_j)` */
function attract(
  { starts, columns, values }: Affinities,
  points: Float64Array,
  exaggeration: number,
  scale: number,
  gradient: Float64Array,
): void {
  const n = starts.length - 1;
  for (let i = 0; i < n; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    const end = starts[i + 1]!;
    let forceX = 0;
    let forceY = 0;
    for (let e = starts[i]!; e < end; e++) {
      const j = 2 * columns[e]!;
      const dx = x - points[j]!;
      const dy = y - points[j + 1]!;
      const weight = values[e]! / (1 + dx * dx + dy * dy);
      forceX += weight * dx;
      forceY += weight * dy;
    }
    gradient[2 * i] = scale * gradient[2 * i]! + exaggeration * forceX;
    gradient[2 * i + 1] = scale * gradient[2 * i + 1]! + exaggeration * forceY;
  }
}

/** `KL(P || Q) = sum_ij p_ij ln(p_ij / (q_ij / Z))` in nats. */
export function tsneDivergence(
  { starts, columns, values }: Affinities,
  points: Float64Array,
  z: number,
): number {
  let sum = 0;
  for (let i = 0; i + 1 < starts.length; i++) {
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const j = columns[e]!;
      const square = (points[2 * i]! - points[2 * j]!) ** 2 + (points[2 * i + 1]! - points[2 * j + 1]!) ** 2;
      // An affinity can be too small for its number.
      if (values[e]! > 0) sum += values[e]! * Math.log(values[e]! * z * (1 + square));
    }
  }
  return sum;
}

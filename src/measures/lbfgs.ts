/** A function with its gradient, which is written into `gradient`. */
export type Differentiable = (point: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Ends where no entry of the gradient is larger; 1e-4 by default, as scikit-learn's logistic regression has it. */
  readonly tolerance?: number;
  /** Ends after so many; 1,000 by default. */
  readonly iterations?: number;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the tolerance was reached. */
  readonly converged: boolean;
}

/** Steps that the curvature is estimated from. */
const MEMORY = 10;
/** Share of the slope's promise that a step has to keep. */
const ARMIJO = 1e-4;
const HALVINGS = 50;

interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly curvature: number;
}

/**
 * Minimises a smooth function by L-BFGS with step halving.
 *
 * Reference: Nocedal and Wright, "Numerical optimization", 2006, algorithm 7.5.
 *
 * @param start is left as it is
 */
export function minimise(
  f: Differentiable,
  start: Float64Array,
  { tolerance = 1e-4, iterations = 1000 }: MinimiseOptions = {},
): Minimum {
  let point = start.slice();
  let gradient = new Float64Array(start.length);
  let value = f(point, gradient);
  const steps: Step[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (largest(gradient) <= tolerance) return { point, value, iterations: iteration, converged: true };
    const direction = descent(gradient, steps);
    const slope = dot(direction, gradient);
    // The first step has no curvature to go by: one of length 1 at most.
    let size = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(point.length);
    const nextGradient = new Float64Array(point.length);
    let nextValue = Infinity;
    let halvings = 0;
    for (; halvings < HALVINGS; halvings++, size /= 2) {
      for (let j = 0; j < next.length; j++) next[j] = point[j]! + size * direction[j]!;
      nextValue = f(next, nextGradient);
      if (nextValue <= value + ARMIJO * size * slope) break;
    }
    // Rounding hides any further descent.
    if (halvings === HALVINGS) return { point, value, iterations: iteration, converged: false };
    const moved = next.map((coordinate, j) => coordinate - point[j]!);
    const turned = nextGradient.map((entry, j) => entry - gradient[j]!);
    const curvature = dot(moved, turned);
    if (curvature > 0) steps.push({ moved, turned, curvature });
    if (steps.length > MEMORY) steps.shift();
    [point, gradient, value] = [next, nextGradient, nextValue];
  }
  return { point, value, iterations, converged: largest(gradient) <= tolerance };
}

/** `-H gradient`, with H the inverse curvature that the steps tell of. */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((entry) => -entry);
  const shares: number[] = [];
  for (const { moved, turned, curvature } of steps.toReversed()) {
    const share = dot(moved, direction) / curvature;
    shares.push(share);
    add(direction, turned, -share);
  }
  const last = steps.at(-1);
  if (last !== undefined) {
    const scale = last.curvature / dot(last.turned, last.turned);
    for (let j = 0; j < direction.length; j++) direction[j]! *= scale;
  }
  for (const { moved, turned, curvature } of steps) {
    add(direction, moved, shares.pop()! - dot(turned, direction) / curvature);
  }
  return direction;
}

function add(to: Float64Array, values: Float64Array, factor: number): void {
  for (let j = 0; j < to.length; j++) to[j]! += factor * values[j]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

const largest = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

import type { Stream } from '../../../engine/index.ts';
import type { Neighbours } from '../neighbours.ts';
import { affinities } from './affinities.ts';
import { tsneDivergence, tsneGradient } from './gradient.ts';
import { quadtree } from './quadtree.ts';

/** What {@link tsne} needs. */
export interface TsneOptions {
  /** Of every row, {@link tsneNeighbours} many or more: only those count. */
  readonly neighbours: Neighbours;
  /** `[n, 2]` where the points start, e.g. at their principal components; its scale does not matter. */
  readonly init: Float64Array;
  /** Displaces the start by a hundredth of its spread, so that equal rows part. */
  readonly stream: Stream;
  /** About how many neighbours a point has; 30 by default, as in openTSNE and scikit-learn. */
  readonly perplexity?: number;
  /** Squares of a width below theta times their distance count as one point; 0.5 by default, 0 = exact. */
  readonly theta?: number;
  /** Steps in all; 750 by default, as in openTSNE. */
  readonly iterations?: number;
  /** The first steps, in which affinities are multiplied by `exaggeration`; 250 by default. */
  readonly exaggerationIterations?: number;
  /** 12 by default. */
  readonly exaggeration?: number;
  /**
   * Of the gradient without its factor 4; `max(n / 12, 50)` by default, as in Belkina et al., "Automated optimized
   * parameters for t-distributed stochastic neighbor embedding" (2019).
   */
  readonly learningRate?: number;
  /**
   * Standard deviation of the start; 1e-4 by default. `null` takes it as it is, which with `exaggerationIterations` 0
   * continues an embedding.
   */
  readonly initScale?: number | null;
  /** Called after each step with how many are done, of how many; may throw to stop. */
  readonly onStep?: (done: number, steps: number) => void;
}

/** An embedding by t-SNE. */
export interface Tsne {
  /** `[n, 2]` coordinates, centred on 0. */
  readonly points: Float64Array;
  /** The one that was used: at most `(n - 1) / 3`. */
  readonly perplexity: number;
  /** The objective at the end, `KL(P || Q)` in nats. */
  readonly divergence: number;
}

const PERPLEXITY = 30;
const ITERATIONS = 750;
const EXAGGERATION = 12;
const EXAGGERATION_ITERATIONS = 250;
const INIT_SCALE = 1e-4;
/** Share of the start's spread by which it is displaced, as in openTSNE. */
const JITTER = 0.01;
/** While affinities are exaggerated, and afterwards. */
const MOMENTUM = [0.5, 0.8] as const;
/** A coordinate's own factor of the learning rate: it grows while the sign stays, shrinks where it turns. */
const GAIN = { grow: 0.2, shrink: 0.8, least: 0.01 } as const;

/** The fewest rows: with a perplexity of 1 each has three neighbours. */
export const TSNE_LEAST_ROWS = 4;

/** The perplexity that `n` rows can have, and how many neighbours of each row t-SNE looks at. */
export function tsneNeighbours(n: number, perplexity = PERPLEXITY): { perplexity: number; k: number } {
  if (!(perplexity >= 1 && Number.isFinite(perplexity))) {
    throw new RangeError(`tsne: the perplexity is ${perplexity}; it must be a number from 1.`);
  }
  if (n < TSNE_LEAST_ROWS) {
    throw new RangeError(`tsne: ${n} rows; at least ${TSNE_LEAST_ROWS} are needed.`);
  }
  const possible = Math.min(perplexity, (n - 1) / 3);
  return { perplexity: possible, k: Math.min(n - 1, Math.floor(3 * possible)) };
}

/**
 * t-distributed stochastic neighbour embedding in two dimensions (van der Maaten and Hinton 2008), by gradient descent
 * with the tree of Barnes and Hut (van der Maaten 2014). A pure function of its arguments: the same bits every time.
 *
 * - With fewer rows than three times the perplexity, the perplexity is `(n - 1) / 3`.
 * - Distances between far points, and the sizes and gaps of groups, mean little: read which points lie together.
 *
 * Where it differs from openTSNE: neighbours are exact at every n, the momentum is 0.5 (not 0.8) while affinities are
 * exaggerated, and steps have no upper limit.
 *
 * @throws RangeError for fewer than four rows, a perplexity below 1, neighbours or a start that do not match, an option out of its
 *   range, or a learning rate by which the points fly off
 */
export function tsne(options: TsneOptions): Tsne {
  const { neighbours, init, stream, theta = 0.5, iterations = ITERATIONS, onStep } = options;
  const { exaggeration = EXAGGERATION, exaggerationIterations = EXAGGERATION_ITERATIONS } = options;
  const n = neighbours.indices.length / neighbours.k;
  const { perplexity, k } = tsneNeighbours(n, options.perplexity);
  if (neighbours.k < k) {
    throw new RangeError(`tsne: ${neighbours.k} neighbours a row; a perplexity of ${perplexity} needs ${k}.`);
  }
  if (init.length !== 2 * n || !init.every(Number.isFinite)) {
    throw new RangeError(`tsne: the start must be ${n} x 2 finite numbers.`);
  }
  const { learningRate = Math.max(n / EXAGGERATION, 50), initScale = INIT_SCALE } = options;
  for (const [name, value] of Object.entries({ iterations, exaggerationIterations })) {
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(`tsne: ${name} is ${value}; it must be a whole number from 0.`);
    }
  }
  for (const [name, value] of Object.entries({ exaggeration, learningRate, initScale: initScale ?? 1 })) {
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`tsne: ${name} is ${value}; it must be a positive number.`);
    }
  }
  if (!(theta >= 0 && theta <= 1))
    throw new RangeError(`tsne: theta is ${theta}; it must lie within 0 to 1.`);
  const points = start(init, initScale, stream);
  const state = {
    affinities: affinities(first(neighbours, k), perplexity),
    tree: quadtree(n, theta),
    points,
  };
  const gradient = new Float64Array(2 * n);
  const velocity = new Float64Array(2 * n);
  const gains = new Float64Array(2 * n).fill(1);
  for (let step = 0; step < iterations; step++) {
    const early = step < exaggerationIterations;
    tsneGradient({ ...state, exaggeration: early ? exaggeration : 1, gradient });
    const momentum = MOMENTUM[early ? 0 : 1];
    // The objective is another one now: what was learned of the old one's slope is forgotten.
    if (step === exaggerationIterations) gains.fill(1);
    for (let c = 0; c < 2 * n; c++) {
      const turns = gradient[c]! > 0 === velocity[c]! > 0;
      gains[c] = Math.max(GAIN.least, turns ? gains[c]! * GAIN.shrink : gains[c]! + GAIN.grow);
      velocity[c] = momentum * velocity[c]! - learningRate * gains[c]! * gradient[c]!;
      points[c]! += velocity[c]!;
    }
    centre(points);
    onStep?.(step + 1, iterations);
  }
  if (!points.every(Number.isFinite)) {
    throw new RangeError(`tsne: the points flew off; a learning rate of ${learningRate} is too large.`);
  }
  const z = tsneGradient({ ...state, gradient });
  return { points, perplexity, divergence: tsneDivergence(state.affinities, points, z) };
}

/** The start at its scale, a little displaced. */
function start(init: Float64Array, scale: number | null, stream: Stream): Float64Array {
  const points = init.slice();
  centre(points);
  const spread = Math.sqrt(points.reduce((sum, value) => sum + value * value, 0) / points.length);
  const factor = scale === null || spread === 0 ? 1 : scale / spread;
  const jitter = JITTER * (scale ?? (spread === 0 ? INIT_SCALE : spread));
  return points.map((value) => value * factor + jitter * stream.normal());
}

function centre(points: Float64Array): void {
  const n = points.length / 2;
  let x = 0;
  let y = 0;
  for (let i = 0; i < points.length; i += 2) {
    x += points[i]!;
    y += points[i + 1]!;
  }
  for (let i = 0; i < points.length; i += 2) {
    points[i]! -= x / n;
    points[i + 1]! -= y / n;
  }
}

/** Only the `k` nearest. */
function first(neighbours: Neighbours, k: number): Neighbours {
  if (neighbours.k === k) return neighbours;
  const n = neighbours.indices.length / neighbours.k;
  const indices = new Int32Array(n * k);
  const distances = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const from = i * neighbours.k;
    indices.set(neighbours.indices.subarray(from, from + k), i * k);
    distances.set(neighbours.distances.subarray(from, from + k), i * k);
  }
  return { indices, distances, k };
}

import { UMAP } from 'umap-js';

import type { Stream } from '../../engine/index.ts';
import type { Neighbours } from './neighbours.ts';

/** What {@link umap} needs. */
export interface UmapOptions {
  /** Of every row, `nNeighbours - 1` or more: only those count. */
  readonly neighbours: Neighbours;
  /** `[n, 2]` where the points start, e.g. at their principal components; its scale does not matter. */
  readonly init: Float64Array;
  /** Chooses which points repel each other. */
  readonly stream: Stream;
  /** How many rows a neighbourhood has, the row itself among them; 15 by default, as in umap-learn. */
  readonly nNeighbours?: number;
  /** How near points of one place lie in the embedding, 0 to 1; 0.1 by default, as in umap-learn. */
  readonly minDist?: number;
  /** Steps; 500 up to 10,000 rows and 200 above by default, as in umap-learn. */
  readonly epochs?: number;
  /** Called after each epoch with how many are done; may throw to stop. */
  readonly onEpoch?: (done: number, epochs: number) => void;
}

/** An embedding by UMAP. */
export interface Umap {
  /** `[n, 2]` coordinates. */
  readonly points: Float64Array;
  /** The one that was used: at most `n - 1`. */
  readonly nNeighbours: number;
}

const NEIGHBOURS = 15;
const MIN_DIST = 0.1;
/** The scale of the embedding, which `minDist` cannot exceed: that of umap-js and umap-learn. */
const SPREAD = 1;
/** The largest coordinate of the start, and how far it is displaced, as in umap-learn. */
const START = 10;
const JITTER = 1e-4;

/** The fewest rows. */
export const UMAP_LEAST_ROWS = 4;

/** The size of neighbourhoods that `n` rows can have, and how many other rows each looks at. */
export function umapNeighbours(n: number, nNeighbours = NEIGHBOURS): { nNeighbours: number; k: number } {
  if (!(Number.isInteger(nNeighbours) && nNeighbours >= 2)) {
    throw new RangeError(`umap: nNeighbours is ${nNeighbours}; it must be a whole number from 2.`);
  }
  if (n < UMAP_LEAST_ROWS) throw new RangeError(`umap: ${n} rows; at least ${UMAP_LEAST_ROWS} are needed.`);
  const possible = Math.min(nNeighbours, n - 1);
  return { nNeighbours: possible, k: possible - 1 };
}

/**
 * Uniform manifold approximation and projection in two dimensions (McInnes, Healy and Melville 2018), by umap-js. A
 * pure function of its arguments, the stream among them.
 *
 * Where it differs from umap-js: neighbours are exact, the points start where they are told to (umap-js starts at
 * random, umap-learn at a spectral layout), and epochs are umap-learn's.
 *
 * @throws RangeError for fewer than four rows, neighbours or a start that do not match, or an option out of its range
 */
export function umap(options: UmapOptions): Umap {
  const { neighbours, init, stream, minDist = MIN_DIST, onEpoch } = options;
  const n = neighbours.indices.length / neighbours.k;
  const { nNeighbours, k } = umapNeighbours(n, options.nNeighbours);
  if (neighbours.k < k) {
    throw new RangeError(`umap: ${neighbours.k} neighbours a row; nNeighbours ${nNeighbours} needs ${k}.`);
  }
  if (init.length !== 2 * n || !init.every(Number.isFinite)) {
    throw new RangeError(`umap: the start must be ${n} x 2 finite numbers.`);
  }
  if (!(minDist >= 0 && minDist <= SPREAD)) {
    throw new RangeError(`umap: minDist is ${minDist}; it must lie within 0 to ${SPREAD}.`);
  }
  const { epochs = n <= 10_000 ? 500 : 200 } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new RangeError(`umap: epochs is ${epochs}; it must be a whole number from 1.`);
  }
  const random = (): number => stream.next();
  const layout = new UMAP({ nNeighbors: nNeighbours, minDist, spread: SPREAD, nEpochs: epochs, random });
  // The row itself stands first.
  const rowOf = (values: Int32Array | Float64Array, own: number, i: number): number[] => [
    own,
    ...values.subarray(i * neighbours.k, i * neighbours.k + k),
  ];
  const rows = Array.from({ length: n }, (_, i) => i);
  layout.setPrecomputedKNN(
    rows.map((i) => rowOf(neighbours.indices, i, i)),
    rows.map((i) => rowOf(neighbours.distances, 0, i)),
  );
  // With the neighbours given the rows' values are not looked at.
  layout.initializeFit(rows.map((i) => [i]));
  const points = layout.getEmbedding();
  const largest = init.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [i, point] of points.entries()) {
    for (const c of [0, 1]) {
      const at = largest === 0 ? 0 : (START / largest) * init[2 * i + c]!;
      point[c] = at + JITTER * stream.normal();
    }
  }
  for (let done = 0; done < epochs;) {
    done = layout.step();
    onEpoch?.(done, epochs);
  }
  return { points: Float64Array.from(layout.getEmbedding().flat()), nNeighbours };
}

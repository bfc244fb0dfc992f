// Single files, not their folders' indices: a thread does without the engine.
import { createStream } from '../../../engine/random.ts';
import {
  lda,
  nearestNeighbours,
  neighbourAccuracy,
  trustworthiness,
  tsne,
  tsneNeighbours,
  umap,
  umapNeighbours,
  type Neighbours,
} from '../../../measures/embedding/index.ts';
import { pca } from '../../../measures/pca.ts';
import type { Embedding, EmbeddingMethod, EmbeddingQuality } from '../methods.ts';
import type { EmbeddingRequest } from './protocol.ts';

/** Neighbours that vote in the measures of quality. */
const VOTERS = 12;

/** What is done, of 100, and in words. */
export type Report = (done: number, note: string) => void;

/** Computes one fit, and the embedding of each of its sets with its quality, in the thread in which it is called. */
export function computeEmbeddings(request: EmbeddingRequest, report: Report): Embedding[] {
  const { features, dim, labels, method, sets = 1 } = request;
  const n = features.length / dim;
  const each = n / sets;
  const look = (k: number): Neighbours =>
    nearestNeighbours({
      ...{ features, dim, k: Math.min(n - 1, Math.max(k, VOTERS)) },
      onRows: (done) => {
        report((NEIGHBOURS_SHARE * done) / n, 'neighbours');
      },
    });
  const { points, notes, neighbours } = EMBED[method](request, look, report);
  return Array.from({ length: sets }, (_, set) => {
    report(LAYOUT_SHARE + ((100 - LAYOUT_SHARE) * set) / sets, 'quality');
    const [first, last] = [set * each, (set + 1) * each];
    const own = {
      features: features.subarray(first * dim, last * dim),
      dim,
      labels: Int32Array.from({ length: each }, (_, i) => labels[first + i]!),
    };
    const place = points.slice(2 * first, 2 * last);
    return {
      method,
      points: place,
      notes,
      quality: qualityOf(own, place, sets === 1 ? neighbours : undefined),
    };
  });
}

/** Hundredths of the work after which the neighbours, and the layout, are there. */
const NEIGHBOURS_SHARE = 20;
const LAYOUT_SHARE = 85;

interface Layout {
  readonly points: Float64Array;
  readonly notes: readonly string[];
  /** Of the features, {@link VOTERS} of each or more. */
  readonly neighbours: Neighbours;
}

type Embed = (request: EmbeddingRequest, look: (k: number) => Neighbours, report: Report) => Layout;

const share = (part: number) => `${Math.round(part * 100)} %`;

const EMBED: Readonly<Record<EmbeddingMethod, Embed>> = {
  pca: ({ features, dim }, look) => {
    const { points, explainedVariance } = pca(features, dim, Math.min(2, dim));
    const notes = [...explainedVariance].map((part) => `${share(part)} of the variance`);
    return { points: inPlane(points, Math.min(2, dim)), notes, neighbours: look(VOTERS) };
  },
  lda: ({ features, dim, labels }, look) => {
    const { points, components, explainedVariance } = lda({ features, dim, labels });
    const notes = [...explainedVariance].map((part) => `${share(part)} of the separation`);
    return { points: inPlane(points, components), notes, neighbours: look(VOTERS) };
  },
  tsne: ({ features, dim, seed = 0, init, perplexity: wanted }, look, report) => {
    const { k } = tsneNeighbours(features.length / dim, wanted);
    const neighbours = look(k);
    const stream = createStream(seed, 'tsne');
    const onStep = (done: number, steps: number) => {
      report(layoutShare(done, steps), `t-SNE, step ${done} of ${steps}`);
    };
    const { points, perplexity, divergence } = tsne({
      ...{ neighbours, init: init ?? principal(features, dim), stream, onStep },
      ...(wanted === undefined ? {} : { perplexity: wanted }),
    });
    const notes = [`perplexity ${Number(perplexity.toFixed(1))}`, `divergence ${divergence.toFixed(3)} nats`];
    return { points, notes, neighbours };
  },
  umap: ({ features, dim, seed = 0, init, nNeighbours: wanted, minDist }, look, report) => {
    const { k } = umapNeighbours(features.length / dim, wanted);
    const neighbours = look(k);
    const stream = createStream(seed, 'umap');
    const onEpoch = (done: number, epochs: number) => {
      report(layoutShare(done, epochs), `UMAP, epoch ${done} of ${epochs}`);
    };
    const { points, nNeighbours } = umap({
      ...{ neighbours, init: init ?? principal(features, dim), stream, onEpoch },
      ...(wanted === undefined ? {} : { nNeighbours: wanted }),
      ...(minDist === undefined ? {} : { minDist }),
    });
    return { points, notes: [`neighbourhoods of ${nNeighbours}`], neighbours };
  },
};

const layoutShare = (done: number, steps: number) =>
  NEIGHBOURS_SHARE + ((LAYOUT_SHARE - NEIGHBOURS_SHARE) * done) / steps;

/** `[n, 2]` */
function principal(features: Float32Array, dim: number): Float64Array {
  const components = Math.min(2, dim);
  return inPlane(pca(features, dim, components).points, components);
}

/** `[n, 2]`; where there is one direction, the other coordinate is 0. */
function inPlane(points: Float64Array, components: number): Float64Array {
  if (components === 2) return points;
  return Float64Array.from({ length: 2 * points.length }, (_, at) => (at % 2 === 0 ? points[at / 2]! : 0));
}

/** @param found of the features, {@link VOTERS} of each or more; looked for here by default */
function qualityOf(
  { features, dim, labels }: Pick<EmbeddingRequest, 'features' | 'dim' | 'labels'>,
  points: Float64Array,
  found?: Neighbours,
): EmbeddingQuality {
  const n = features.length / dim;
  const k = Math.min(VOTERS, n - 1);
  const neighbours = found ?? nearestNeighbours({ features, dim, k });
  const nearest = nearestNeighbours({ features: points, dim: 2, k });
  return {
    trustworthiness: 2 * VOTERS < n ? trustworthiness({ features, dim, points, k: VOTERS }) : null,
    neighbourAccuracy: neighbourAccuracy(nearest, labels),
    featureAccuracy: neighbourAccuracy(neighbours, labels, k),
  };
}

// @ts-check
// The measures of real features beside scikit-learn, SciPy and NumPy: how far the values differ, and how long each takes.
//
//   node --import tsx bench/measures/compare.mjs --python /tmp/venv/bin/python RUN > bench/results/measures.json
//
// Time is the processor's, with one thread for the peer, so that other programs on the machine count little; of a call
// that is not the first.
// RUN is a finished run; its last tap is measured on the test images. The venv has requirements.txt of this folder.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { extractFeatures } from '../../src/analysis/index.ts';
import { createStream } from '../../src/engine/index.ts';
import { engineDotProducts } from '../../src/experiments/index.ts';
import * as measures from '../../src/measures/index.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string', default: 'python3' }, rounds: { type: 'string', default: '3' } },
});
const ROUNDS = Number(options.rounds);
const [run] = positionals;
if (run === undefined) throw new Error('Which run? Give the folder of a finished one.');

const test = await extractFeatures(run);
const train = await extractFeatures(run, { split: 'train' });
const [before, last] = Object.keys(test.taps).slice(-2);
if (before === undefined || last === undefined || test.classifier === undefined) {
  throw new Error('The network needs two taps and a dense classifier.');
}
const { values: features, dim } = /** @type {import('../../src/analysis/index.ts').Rows} */ (test.taps[last]);
const other = Object.entries(test.taps)[0]?.[1];
const reference = train.taps[last];
if (other === undefined || reference === undefined) throw new Error('unreachable');
const { labels, n, classes, logits } = test;
const { kernel } = test.classifier;
const partitionStream = createStream(0, 'partition');
const partition = Array.from(labels, (label) =>
  partitionStream.next() < 0.6 ? label : partitionStream.int(classes.length),
);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'measures-'));
const written = { features, other: other.values, train: reference.values, kernel, logits: logits.values };
for (const [name, values] of Object.entries(written)) {
  fs.writeFileSync(
    path.join(folder, `${name}.f32`),
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
}
const dims = { features: dim, other: other.dim, train: dim, kernel: classes.length, logits: classes.length };
fs.writeFileSync(
  path.join(folder, 'meta.json'),
  JSON.stringify({ dims, classes, partition, labels: [...labels], trainLabels: [...train.labels] }),
);

// As `msl measure` does: rows of length 1 for distances, as they are for the rest.
const unit = measures.unitRows('features', features, dim).values;
const unitTrain = measures.unitRows('train', reference.values, dim).values;
const learned = { train: reference.values, trainLabels: train.labels };
const common = { features: unit, labels, dim };
const stream = () => createStream(0, 'compare');
const some = {
  features: unit.subarray(0, 2000 * dim),
  labels: labels.subarray(0, 2000),
  dim,
  stream: stream(),
};
const pairsOf = () => {
  const { separation, same, different } = measures.pairDistances(some);
  return [separation, ...(same?.quantiles ?? []), ...(different?.quantiles ?? [])];
};
/** @type {Record<string, () => number | ArrayLike<number>>} */
const OURS = {
  silhouette: () => measures.silhouette(common).mean,
  'silhouette, engine': () => measures.silhouette({ ...common, dotProducts: engineDotProducts }).mean,
  'silhouette, cosine': () => measures.silhouette({ ...common, metric: 'cosine' }).mean,
  'between/within ratio by dimension': () => measures.betweenWithinByDimension(features, labels, dim),
  'Davies-Bouldin': () => measures.daviesBouldin(unit, labels, dim),
  'Calinski-Harabasz': () => measures.calinskiHarabasz(unit, labels, dim),
  '5-NN accuracy': () => measures.knnAccuracy({ ...learned, test: features, testLabels: labels, dim }),
  '5-NN accuracy, engine': () =>
    measures.knnAccuracy({
      ...learned,
      test: features,
      testLabels: labels,
      dim,
      dotProducts: engineDotProducts,
    }),
  'nearest-centroid accuracy': () =>
    measures.nearestCentroidAccuracy({ ...learned, train: unitTrain, test: unit, testLabels: labels, dim }),
  'linear-probe accuracy': () =>
    measures.linearProbeAccuracy({ ...learned, test: features, testLabels: labels, dim }),
  'k-means inertia': () =>
    measures.kMeans({ features: unit, dim, clusters: classes.length, stream: stream() }).inertia,
  NMI: () => measures.normalizedMutualInformation(labels, partition),
  ARI: () => measures.adjustedRandIndex(labels, partition),
  'pair distances': pairsOf,
  'linear CKA': () => measures.linearCka({ values: features, dim }, other),
  'effective rank': () => measures.effectiveRank(features, dim),
  'NC1 to NC4': () =>
    Object.values(
      measures.neuralCollapse({ features, labels, dim, classifier: kernel, logits: logits.values }),
    ),
  CDNV: () => measures.classDistanceNormalisedVariance(features, labels, dim),
};
/** What a route of ours without a name of its own at the peer is compared with. */
const peerOf = (/** @type {string} */ name) => name.replace(', engine', '');

/** @typedef {Record<string, { value: number[], seconds: number }>} Results */
/** @type {{ ours: Results, peer: Results }[]} */
const rounds = [];
let versions = {};
for (let round = 0; round < ROUNDS; round++) {
  /** @type {Results} */
  const ours = {};
  for (const [name, measure] of Object.entries(OURS)) {
    const started = process.cpuUsage();
    const value = measure();
    const { user, system } = process.cpuUsage(started);
    const seconds = (user + system) / 1e6;
    ours[name] = { value: typeof value === 'number' ? [value] : Array.from(value), seconds };
  }
  const output = execFileSync(options.python, [new URL('peer.py', import.meta.url).pathname, folder], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  const parsed = JSON.parse(output);
  versions = parsed.versions;
  rounds.push({ ours, peer: parsed.results });
  process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
}
fs.rmSync(folder, { recursive: true });

const median = (/** @type {number[]} */ values) =>
  measures.quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const rows = Object.keys(OURS).map((name) => {
  const peer = peerOf(name);
  const difference = Math.max(
    ...rounds.flatMap(({ ours, peer: theirs }) =>
      (ours[name]?.value ?? []).map((value, i) => {
        const expected = theirs[peer]?.value[i] ?? NaN;
        return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
      }),
    ),
  );
  const seconds = median(rounds.map(({ ours }) => ours[name]?.seconds ?? NaN));
  const peerSeconds = median(rounds.map(({ peer: theirs }) => theirs[peer]?.seconds ?? NaN));
  return { name, difference, seconds, peerSeconds };
});
const single = median(rounds.map(({ peer }) => peer['silhouette, peer in float32']?.seconds ?? NaN));
const machine = {
  cpu: os.cpus()[0]?.model ?? '',
  cores: os.cpus().length,
  load: os.loadavg()[0],
  node: process.version,
};
console.log(
  JSON.stringify(
    { n, dim, train: train.n, rounds: ROUNDS, rows, silhouettePeerFloat32: single, versions, machine },
    null,
    2,
  ),
);

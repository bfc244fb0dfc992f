// The embeddings of a run's features beside scikit-learn's, openTSNE's and umap-learn's: values, quality, time.
//   python -m venv /tmp/venv && /tmp/venv/bin/pip install -r bench/embeddings/requirements.txt
//   node --import tsx bench/embeddings/compare.mjs --python /tmp/venv/bin/python [--tap stage3] RUN...
// Writes bench/results/embeddings.json and prints the table of docs/embeddings.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { extractFeatures } from '../../src/analysis/index.ts';
import { createStream } from '../../src/engine/index.ts';
import { lda, nearestNeighbours, neighbourAccuracy, pca, trustworthiness } from '../../src/measures/index.ts';
import { tsne, umap } from '../../src/measures/index.ts';

const IMAGES = 5000;
const K = 12;
const { values, positionals } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, tap: { type: 'string', default: 'stage3' } },
  allowPositionals: true,
});

const folder = mkdtempSync(path.join(os.tmpdir(), 'embeddings-'));
const results = {};
for (const run of positionals) {
  const name = path.basename(run);
  const { taps, labels } = await extractFeatures(run, { taps: [values.tap], limit: IMAGES });
  const { values: features, dim } = taps[values.tap];
  writeFileSync(path.join(folder, `${name}.f32`), features);
  writeFileSync(path.join(folder, `${name}.u8`), labels);
  const stream = (method) => createStream(0, method);
  const methods = {
    pca: () => pca(features, dim).points,
    lda: () => lda({ features, dim, labels }).points,
    tsne: () => {
      const neighbours = nearestNeighbours({ features, dim, k: 90 });
      return tsne({ neighbours, init: pca(features, dim).points, stream: stream('tsne') }).points;
    },
    umap: () => {
      const neighbours = nearestNeighbours({ features, dim, k: 14 });
      return umap({ neighbours, init: pca(features, dim).points, stream: stream('umap') }).points;
    },
  };
  const ours = {};
  for (const [method, embed] of Object.entries(methods)) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    const points = embed();
    const { user, system } = process.cpuUsage(used);
    ours[method] = { seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
    ours[method].trustworthiness = trustworthiness({ features, dim, points, k: K });
    const neighbours = nearestNeighbours({ features: points, dim: 2, k: K });
    ours[method].neighbourAccuracy = neighbourAccuracy(neighbours, labels);
    writeFileSync(path.join(folder, `${name}-${method}.f64`), points);
  }
  const script = path.join(import.meta.dirname, 'peer.py');
  const output = execFileSync(values.python, [script, folder, name, String(dim)], { encoding: 'utf8' });
  const peer = JSON.parse(output.trim().split('\n').at(-1));
  // Their measures of our embeddings, and ours, are the same.
  for (const method of ['tsne', 'umap']) {
    ours[method].measureDifference = Math.max(
      ...Object.entries(peer.ours[method]).map(([key, value]) => Math.abs(ours[method][key] - value)),
    );
  }
  results[name] = { ...peer, ours };
}
rmSync(folder, { recursive: true });
const file = path.join(import.meta.dirname, '..', 'results', 'embeddings.json');
const machine = { cpu: os.cpus()[0].model, cores: os.cpus().length, node: process.version };
writeFileSync(file, `${JSON.stringify({ machine, tap: values.tap, results }, null, 2)}\n`);
console.log(table(JSON.parse(readFileSync(file, 'utf8')).results));

function table(byRun) {
  const rows = [
    ['features of', 'method', 'trustworthiness', '12-NN accuracy (%)', 'seconds', 'processor seconds'],
    ['---', '---', '---:', '---:', '---:', '---:'],
  ];
  const row = (name, method, of) => [
    ...[name, method, of.trustworthiness.toFixed(4), (100 * of.neighbourAccuracy).toFixed(2)],
    ...[of.seconds.toFixed(1), of.cpu.toFixed(1)],
  ];
  for (const [name, { ours, peers }] of Object.entries(byRun)) {
    rows.push(row(name, 'PCA', ours.pca), row(name, 'scikit-learn', peers.pca));
    rows.push(row(name, 'LDA', ours.lda), row(name, 'scikit-learn', peers.lda));
    rows.push(row(name, 't-SNE', ours.tsne), row(name, 'openTSNE, 1 job', peers['openTSNE, 1 job']));
    rows.push(row(name, 'openTSNE, 2 jobs', peers['openTSNE, 2 jobs']));
    rows.push(row(name, 'UMAP', ours.umap), row(name, 'umap-learn', peers['umap-learn']));
  }
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

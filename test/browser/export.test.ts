import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { tf } from '../../src/engine/tf.ts';
import { loadEngine, tensorsOf } from '../../src/engine/index.ts';
import { evaluateImages, exportRun, readTrainedRun } from '../../src/experiments/index.ts';
import { serveFiles } from '../support/fileServer.ts';
import { noiseImages, trainTinyRun } from '../support/trainedRun.ts';
import { executable, withoutChromium } from './chromium.ts';

const engine = await loadEngine();
const tfjs = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs/dist/tf.min.js', import.meta.url));

/** What a page does with an exported model; `images.bin` holds the pixels. */
const pageScript = (backend: string, batches: readonly number[]) => `(async () => {
  if (!(await tf.setBackend('${backend}').catch(() => false))) return null;
  await tf.ready();
  const model = await tf.loadGraphModel('/model/model.json');
  const results = [];
  for (const n of ${JSON.stringify(batches)}) {
    const bytes = new Uint8Array(await (await fetch('/images/' + n + '.bin')).arrayBuffer());
    const images = tf.tensor(bytes, [n, 32, 32, 3], 'int32');
    const outputs = model.predict({ images });
    const result = {};
    for (const [name, output] of Object.entries(outputs)) result[name] = Array.from(await output.data());
    results.push(result);
  }
  return { results, backend: tf.getBackend(), version: tf.version.tfjs };
})()`;

describe(
  'an exported graph model in Chromium',
  {
    skip:
      withoutChromium !== false
        ? withoutChromium
        : engine.name !== 'tensorflow'
          ? `the engine ${engine.name} has no graphs to export`
          : false,
    timeout: 120_000,
  },
  () => {
    test('loads by tf.loadGraphModel and gives what the evaluation gives', async (t) => {
      const root = mkdtempSync(path.join(os.tmpdir(), 'msl-export-browser-'));
      const folder = await trainTinyRun(root, 'tiny', 'network.convolutions=2');
      const { folder: model } = await exportRun({
        run: folder,
        format: 'tfjs',
        out: path.join(root, 'model'),
      });
      const batches = [1, 7, 128];
      for (const n of batches) writeFileSync(path.join(root, `${n}.bin`), noiseImages(n).images);
      writeFileSync(path.join(root, 'index.html'), '<!doctype html><script src="/tf.js"></script>');
      const server = await serveFiles({
        '/index.html': path.join(root, 'index.html'),
        '/tf.js': tfjs,
        '/model/': model,
        '/images/': root,
      });
      const browser = await chromium.launch({
        executablePath: executable!,
        args: [
          ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
          '--use-angle=swiftshader',
          '--enable-unsafe-swiftshader',
        ],
      });
      const run = await readTrainedRun(folder);
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(String(error)));
        await page.goto(`${server.url}/index.html`);
        for (const backend of ['cpu', 'webgl']) {
          const answer = await page.evaluate<{ results: Record<string, number[]>[] } | null>(
            pageScript(backend, backend === 'cpu' ? [1, 7] : batches),
          );
          if (answer === null) {
            t.diagnostic(`Chromium has no ${backend} here`);
            assert.notEqual(backend, 'cpu');
            continue;
          }
          let worst = 0;
          for (const [i, outputs] of answer.results.entries()) {
            const expected = await evaluateImages(run, noiseImages(batches[i]!));
            assert.deepEqual(Object.keys(outputs), Object.keys(expected));
            for (const [name, values] of Object.entries(expected)) {
              assert.equal(outputs[name]!.length, values.length);
              const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
              for (const [k, value] of values.entries()) {
                worst = Math.max(worst, Math.abs(outputs[name]![k]! - value) / scale);
              }
            }
          }
          assert.ok(worst <= 1e-4, `${backend} differs by ${worst}`);
          t.diagnostic(`${backend}: differs by ${worst.toExponential(1)} at most`);
        }
        assert.deepEqual(errors, []);
      } finally {
        tf.dispose(tensorsOf([run.parameters, run.statistics]));
        await browser.close();
        await server.close();
        rmSync(root, { recursive: true });
      }
    });
  },
);

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';

import { tf } from '../../src/engine/tf.ts';
import { decodeImage } from '../../src/data/index.ts';
import { loadEngine, loadSavedModel, UsageError, UserError, type Engine } from '../../src/engine/index.ts';
import {
  evaluateImages,
  exportRun,
  loadExport,
  readTrainedRun,
  RunFolder,
  type ExportFormat,
  type ExportRecord,
} from '../../src/experiments/index.ts';
import { readmeOf } from '../../src/experiments/export/describe.ts';
import { writeFolderAtomic } from '../../src/experiments/export/folder.ts';
import { fixture } from '../data/imported/fixtures.ts';
import { assertClose } from '../support/engine.ts';
import { serveFiles } from '../support/fileServer.ts';
import { noiseImages, trainTinyRun } from '../support/trainedRun.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const python = process.env['MSL_TF_PYTHON'] ?? '';
const BATCHES = [1, 7, 128];
const OUTPUTS = ['logits', 'probabilities', 'features_stage1', 'features_stage2'];
/** What is trained, by what is different from a `vgg` of two stages in float32. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  vgg: ['network.convolutions=2'],
  plain: ['network.name=plain'],
  'vgg in bfloat16': ['precision=bfloat16'],
  resnet: ['network={"name":"resnet","depth":8,"widths":[4,4,8]}'],
  wrn: ['network={"name":"wrn","depth":10,"widen":0.25}'],
  nin: ['network={"name":"nin","widthFactor":0.0625}'],
  vgg8b: ['network={"name":"vgg8b","widthFactor":0.03125}'],
};

/** Relative to the largest value: what a sum of float32 numbers is exact to. */
function assertSame(
  actual: ArrayLike<number>,
  expected: Float32Array,
  tolerance: number,
  message: string,
): void {
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  assertClose(actual, expected, { absolute: tolerance * scale }, message);
}

describe('exportRun', async () => {
  const engine: Engine = await loadEngine();
  if (engine.name !== 'tensorflow') {
    void test.skip(`the engine ${engine.name} has no graphs`);
    return;
  }
  let root: string;
  const runs: Record<string, string> = {};
  before(async () => {
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-export-'));
    for (const [name, settings] of Object.entries(RUNS)) {
      const folder = name === 'vgg' ? 'ce' : name.replaceAll(' ', '-');
      runs[name] = await trainTinyRun(root, `tiny/${folder}/seed-1`, ...settings);
    }
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const at = (...parts: string[]) => path.join(root, ...parts);
  const exportTo = (out: string, format: ExportFormat = 'savedmodel', run = runs['vgg']!) =>
    exportRun({ run, format, out: at(out) });
  /** What the run's own evaluation says of noise. */
  const expectedOf = async (folder: string, n: number) => {
    const run = await readTrainedRun(folder);
    const values = await evaluateImages(run, noiseImages(n));
    tf.dispose([...Object.values(run.parameters), ...Object.values(run.statistics)]);
    return values;
  };

  for (const network of Object.keys(RUNS)) {
    test(`${network}: a SavedModel gives what the evaluation gives, for any number of images`, async () => {
      const tensors = tf.memory().numTensors;
      const result = await exportTo(`${network}-sm`, 'savedmodel', runs[network]);
      assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
      assert.ok(result.largestDifference < 1e-5, `${result.largestDifference}`);
      const model = await loadSavedModel(result.folder);
      for (const n of BATCHES) {
        const expected = await expectedOf(runs[network]!, n);
        const images = tf.tensor(noiseImages(n).images, [n, 32, 32, 3], 'int32');
        const outputs = model.predict({ images });
        assert.deepEqual(Object.keys(outputs).sort(), Object.keys(expected).sort());
        for (const name of Object.keys(expected)) {
          assertSame(outputs[name]!.dataSync(), expected[name]!, 1e-5, `${name} of ${n} images`);
        }
        tf.dispose([images, ...Object.values(outputs)]);
      }
      model.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    });

    test(`${network}: TensorFlow.js in Node loads the graph model and gives the same on its cpu engine`, async () => {
      const { folder } = await exportTo(`${network}-js`, 'tfjs', runs[network]);
      const server = await serveFiles({ '/model/': folder });
      const images = at(`${network}.bin`);
      try {
        for (const n of [1, 7]) {
          writeFileSync(images, noiseImages(n).images);
          const script = `
            import { readFileSync } from 'node:fs';
            import * as tf from '@tensorflow/tfjs';
            await tf.setBackend('cpu');
            const model = await tf.loadGraphModel('${server.url}/model/model.json');
            const bytes = readFileSync(${JSON.stringify(images)});
            const outputs = model.predict({ images: tf.tensor(bytes, [${n}, 32, 32, 3], 'int32') });
            const values = Object.entries(outputs).map(([name, output]) => [name, [...output.dataSync()]]);
            process.stdout.write(JSON.stringify(Object.fromEntries(values)));`;
          const { stdout } = await promisify(execFile)(
            process.execPath,
            ['--input-type=module', '--eval', script],
            { cwd: project, maxBuffer: 1e8 },
          );
          const outputs = JSON.parse(stdout.slice(stdout.indexOf('{"'))) as Record<string, number[]>;
          const expected = await expectedOf(runs[network]!, n);
          assert.deepEqual(Object.keys(outputs), Object.keys(expected));
          for (const name of Object.keys(expected)) {
            assertSame(outputs[name]!, expected[name]!, 1e-4, `${name} of ${n} images`);
          }
        }
      } finally {
        await server.close();
      }
    });

    test(
      `${network}: Python's TensorFlow runs the SavedModel with equal outputs`,
      { skip: python === '' ? 'MSL_TF_PYTHON names no Python with tensorflow' : false },
      async () => {
        const { folder } = await exportTo(`${network}-py`, 'savedmodel', runs[network]);
        const script = `
import json, sys
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1]).signatures['serving_default']
results = []
for file in sys.argv[2:]:
    images = np.fromfile(file, np.uint8).reshape(-1, 32, 32, 3)
    outputs = model(images=tf.constant(images))
    results.append({name: output.numpy().ravel().tolist() for name, output in outputs.items()})
print(json.dumps(results))`;
        const files = BATCHES.map((n) => {
          const file = at(`${network}-${n}.bin`);
          writeFileSync(file, noiseImages(n).images);
          return file;
        });
        const { stdout } = await promisify(execFile)(python, ['-c', script, folder, ...files], {
          maxBuffer: 1e8,
        });
        const results = JSON.parse(stdout) as Record<string, number[]>[];
        for (const [i, n] of BATCHES.entries()) {
          const expected = await expectedOf(runs[network]!, n);
          assert.deepEqual(Object.keys(results[i]!).sort(), Object.keys(expected).sort());
          for (const name of Object.keys(expected)) {
            assertSame(results[i]![name]!, expected[name]!, 1e-5, `${name} of ${n} images`);
          }
        }
      },
    );
  }

  test('the description says what the model is and where it comes from; the same run gives the same bytes', async () => {
    const { folder, files } = await exportTo('described');
    const again = await exportTo('described-again');
    assert.deepEqual(
      files.map(({ name }) => name),
      ['saved_model.pb', 'export.json', 'README.md'],
    );
    for (const { name, bytes } of files) {
      const content = readFileSync(path.join(folder, name));
      assert.equal(content.byteLength, bytes);
      assert.deepEqual(content, readFileSync(path.join(again.folder, name)), name);
    }
    const record = JSON.parse(readFileSync(path.join(folder, 'export.json'), 'utf8')) as ExportRecord;
    const records = new RunFolder(runs['vgg']!);
    assert.equal(record.format, 'savedmodel');
    assert.deepEqual(record.input.shape, [null, 32, 32, 3]);
    assert.deepEqual(
      record.outputs.map(({ name, shape }) => [name, shape]),
      OUTPUTS.map((name, i) => [name, [null, [10, 10, 4, 8][i]]]),
    );
    assert.equal(record.classes[3], 'cat');
    assert.equal(record.run.id, 'runs/tiny/ce/seed-1');
    assert.match(record.run.specificationHash, /^[0-9a-f]{64}$/);
    assert.equal(record.run.commit, records.environment()!.commit);
    assert.deepEqual(record.run.test, records.summary()!.test);
    assert.deepEqual(record.run.specification, records.specification());
    assert.match(record.data.origin?.licence ?? '', /None stated/);
    const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
    for (const part of [
      'serving_default',
      record.run.specificationHash,
      'airplane, automobile',
      '125.307',
      'Krizhevsky',
    ]) {
      assert.ok(readme.includes(part), part);
    }
  });

  for (const format of ['savedmodel', 'tfjs'] as const) {
    test(`an export is loaded by its folder: ${format}`, async () => {
      const { folder, record } = await exportTo(`load-${format}`, format);
      const tensors = tf.memory().numTensors;
      const model = await loadExport(folder);
      assert.deepEqual(model.record, record);
      const images = tf.tensor(noiseImages(2).images, [2, 32, 32, 3], 'int32');
      const outputs = model.predict({ images });
      const { logits } = await expectedOf(runs['vgg']!, 2);
      assertSame(outputs['logits']!.dataSync(), logits!, 1e-5, 'logits');
      tf.dispose([images, ...Object.values(outputs)]);
      model.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    });
  }

  test('a folder without an export is refused', async () => {
    await assert.rejects(loadExport(root), /no exported model in .*expected export\.json/);
  });

  test('a graph model holds its weights once, in shards, and no batch size', async () => {
    const { folder } = await exportTo('shards', 'tfjs');
    const model = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as {
      modelTopology: {
        node: { name: string; op: string; attr: Record<string, { tensor?: { tensorContent?: string } }> }[];
      };
      weightsManifest: { paths: string[]; weights: { name: string; shape: number[] }[] }[];
      signature: { inputs: Record<string, { tensorShape: { dim: { size: string }[] } }> };
    };
    const [group] = model.weightsManifest;
    const bytes = group!.paths.reduce(
      (sum, file) => sum + readFileSync(path.join(folder, file)).byteLength,
      0,
    );
    const values = group!.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    assert.equal(bytes, 4 * values);
    assert.ok(group!.weights.some(({ name }) => name === 'stage2/conv1/kernel'));
    const constants = model.modelTopology.node.filter(({ op }) => op === 'Const');
    assert.deepEqual(
      constants.map(({ name }) => name),
      group!.weights.map(({ name }) => name),
    );
    assert.ok(constants.every(({ attr }) => attr['value']?.tensor?.tensorContent === undefined));
    assert.equal(model.signature.inputs['images']!.tensorShape.dim[0]!.size, '-1');
  });

  test('a place that is taken is left as it is; --force replaces an export and nothing else', async () => {
    await exportTo('taken');
    const before = readFileSync(at('taken', 'export.json'));
    await assert.rejects(
      exportTo('taken', 'tfjs'),
      (error) => error instanceof UserError && error.message.includes('--force'),
    );
    assert.deepEqual(readFileSync(at('taken', 'export.json')), before);
    const forced = await exportRun({ run: runs['vgg']!, format: 'tfjs', out: at('taken'), force: true });
    assert.deepEqual(readdirSync(at('taken')).sort(), forced.files.map(({ name }) => name).sort());
    assert.ok(!existsSync(at('taken', 'saved_model.pb')), 'nothing of the earlier one is left');

    mkdirSync(at('mine'));
    writeFileSync(at('mine', 'thesis.tex'), 'precious');
    for (const force of [false, true]) {
      await assert.rejects(
        exportRun({ run: runs['vgg']!, format: 'tfjs', out: at('mine'), force }),
        /mine is not empty and holds no export/,
      );
    }
    assert.deepEqual(readdirSync(at('mine')), ['thesis.tex']);
    writeFileSync(at('file'), '');
    await assert.rejects(exportTo('file'), /file is a file/);

    mkdirSync(at('empty'));
    await exportTo('empty');
    symlinkSync(at('empty'), at('link'));
    await exportRun({ run: runs['vgg']!, format: 'tfjs', out: at('link'), force: true });
    assert.ok(existsSync(at('empty', 'model.json')), 'written where the link leads');
  });

  test('stopped before its end it leaves nothing, and what an earlier process left is removed', async () => {
    const controller = new AbortController();
    controller.abort(new Error('stopped'));
    const options = { run: runs['vgg']!, format: 'tfjs', signal: controller.signal } as const;
    await assert.rejects(exportRun({ ...options, out: at('deep', 'er', 'stopped') }), /stopped/);
    assert.ok(!existsSync(at('deep')));

    await exportTo('kept');
    const before = readFileSync(at('kept', 'export.json'));
    await assert.rejects(exportRun({ ...options, out: at('kept'), force: true }), /stopped/);
    assert.deepEqual(readFileSync(at('kept', 'export.json')), before);
    const partial = () => readdirSync(root).filter((name) => name.endsWith('.partial'));
    assert.deepEqual(partial(), []);
    mkdirSync(at('.swept.new.999999999.partial')); // above every process number that Linux gives
    await exportTo('swept');
    assert.deepEqual(partial(), []);
  });

  test('an export that fails leaves what another one put into the folder that both needed', async () => {
    const place = { folder: at('shared', 'first'), taken: false };
    await assert.rejects(
      writeFolderAtomic(place, { 'model.json': '{}' }, async () => {
        await exportTo('shared/second');
        throw new Error('no equal');
      }),
      /no equal/,
    );
    assert.deepEqual(readdirSync(at('shared')), ['second']);
    assert.ok(existsSync(at('shared', 'second', 'export.json')));
  });

  test('many images are evaluated in batches', async () => {
    const run = await readTrainedRun(runs['vgg']!);
    const sizes: number[] = [];
    const apply: typeof run.network.apply = (parameters, statistics, images, options) => {
      sizes.push(images.shape[0]);
      return run.network.apply(parameters, statistics, images, options);
    };
    const set = noiseImages(501);
    const { logits } = await evaluateImages({ ...run, network: { ...run.network, apply } }, set);
    assert.ok(sizes.length > 0 && Math.max(...sizes) <= 500, sizes.join());
    const last = { ...set, n: 1, images: set.images.subarray(500 * 32 * 32 * 3) };
    const { logits: alone } = await evaluateImages(run, last);
    tf.dispose([...Object.values(run.parameters), ...Object.values(run.statistics)]);
    assertSame(logits!.subarray(-10), alone!, 1e-5, 'the last image');
  });

  test('a picture in the browser becomes what the network was trained on, in grey, too', async () => {
    const size = { width: 40, height: 24 };
    const bytes = fixture('colour.png');
    const colour = await decodeImage(bytes, { size });
    const picture = {
      ...size,
      data: Uint8Array.from({ length: 960 * 4 }, (_, i) => colour.pixels[(i >> 2) * 3 + (i & 3)] ?? 255),
    };
    const { record } = await exportTo('pictures', 'tfjs');
    const later = [{ firstEpoch: 3, commit: 'abc', dirty: true }];
    assert.match(
      readmeOf({ ...record, run: { ...record.run, later } }),
      /, commit abc \(with changes\) from epoch 3 on,/,
    );
    for (const channels of [1, 3]) {
      const input = { ...record.input, shape: [null, 24, 40, channels] };
      const [code] = /tf\.browser\.fromPixels.*\.expandDims\(0\)/.exec(readmeOf({ ...record, input })) ?? [];
      const images = runInNewContext(code!, { tf, picture }) as tf.Tensor4D;
      assert.deepEqual([images.shape, images.dtype], [[1, 24, 40, channels], 'int32']);
      const { pixels } = await decodeImage(bytes, { size, grey: channels === 1 });
      assert.deepEqual([...images.dataSync()], [...pixels]);
      images.dispose();
    }
  });

  test('runs that cannot be exported say why', async () => {
    const copy = (name: string) => {
      cpSync(runs['vgg']!, at('bad', name), { recursive: true });
      return at('bad', name);
    };
    const refuses = (run: string, kind: typeof UserError, message: RegExp) =>
      assert.rejects(exportRun({ run, format: 'savedmodel', out: at('never') }), (error) => {
        assert.ok(error instanceof kind, String(error));
        assert.match(error.message, message);
        return true;
      });
    await refuses(at('nowhere'), UsageError, /There is no run '.*nowhere'/);
    await refuses(root, UsageError, /holds no run: there is no spec\.json/);

    const unfinished = copy('unfinished');
    rmSync(path.join(unfinished, 'summary.json'));
    await refuses(unfinished, UserError, /not finished: 2 of 2 epochs/);

    const diverged = copy('diverged');
    const summary = new RunFolder(diverged).summary()!;
    const divergence = { epoch: 1, step: 3, measure: 'total' };
    new RunFolder(diverged).writeSummary({ ...summary, status: 'diverged', divergence });
    await refuses(diverged, UserError, /diverged in epoch 1 \(total was not finite\)/);

    const damaged = copy('damaged');
    writeFileSync(path.join(damaged, 'checkpoint', 'epoch-2.safetensors'), 'cut');
    const tensors = tf.memory().numTensors;
    await refuses(damaged, UserError, /checkpoint of epoch 2 in .*damaged; only epoch 1 can be read/);
    assert.equal(tf.memory().numTensors, tensors);

    const gone = copy('gone');
    rmSync(path.join(gone, 'checkpoint'), { recursive: true });
    await refuses(gone, UserError, /no checkpoint: expected checkpoint\/epoch-2\.safetensors/);

    const other = copy('other');
    const file = path.join(other, 'spec.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"widths": \[[^\]]*\]/, '"widths": [4, 16]'));
    await refuses(
      other,
      UserError,
      /'stage2\/conv1\/kernel' should have the shape \[3, 3, 4, 16\], it has \[3,3,4,8\]/,
    );
    assert.equal(tf.memory().numTensors, tensors);
    assert.ok(!existsSync(at('never')));
  });
});

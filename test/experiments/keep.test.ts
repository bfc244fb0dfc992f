import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { extractFeatures, measureRun } from '../../src/analysis/index.ts';
import { tensorsOf, UsageError, UserError } from '../../src/engine/index.ts';
import {
  evaluateRun,
  exportRun,
  keepRun,
  keptEpochs,
  listRuns,
  parseSpecification,
  readTrainedRun,
  refuseKept,
  RunFolder,
  runExperiment,
} from '../../src/experiments/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';

const specification = parseSpecification(
  {
    split: { train: 120, validation: 40 },
    network: { widths: [4, 8] },
    loss: { msl: {} },
    epochs: 4,
    batchSize: 20,
  },
  'test',
);
const keepEpochs = [0, 1, 2];

describe('weights of epochs, and runs that are kept small', () => {
  let root: string;
  let dataFolder: string;
  let run: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-keep-'));
    dataFolder = path.join(root, 'data');
    run = path.join(root, 'runs', 'msl');
    writeTinyCifar(dataFolder);
    await runExperiment({ specification, folder: run, dataFolder, keepEpochs });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const weightsOf = (folder: string) =>
    Object.fromEntries(
      readdirSync(path.join(folder, 'weights')).map((name) => [
        name,
        readFileSync(path.join(folder, 'weights', name), 'base64'),
      ]),
    );
  const refused = (words: RegExp) => (error: unknown) =>
    error instanceof UserError && words.test(error.message);

  test('a training keeps the weights of chosen epochs, also when it was stopped', async () => {
    assert.deepEqual(keptEpochs(run), [0, 1, 2, 4]);
    const folder = path.join(root, 'runs', 'stopped');
    const stop = new AbortController();
    await assert.rejects(
      runExperiment({
        ...{ specification, folder, dataFolder, keepEpochs, signal: stop.signal },
        onEpoch: ({ epoch }) => {
          if (epoch === 2) stop.abort(new Error('stopped'));
        },
      }),
      /stopped/,
    );
    // As if it had ended between the checkpoint and the weights.
    for (const ending of ['json', 'safetensors']) rmSync(path.join(folder, 'weights', `epoch-2.${ending}`));
    await runExperiment({ specification, folder, dataFolder, keepEpochs });
    assert.deepEqual(weightsOf(folder), weightsOf(run));
  });

  test('those of an epoch are read by its number; one that is not there is refused', async () => {
    const tensors = tf.memory().numTensors;
    const at = async (epoch?: number) => (await extractFeatures(run, { dataFolder, epoch })).logits.values;
    const [first, before, last, own] = [await at(0), await at(2), await at(4), await at()];
    assert.deepEqual(last, own);
    assert.notDeepEqual(first, own);
    assert.notDeepEqual(before, own);
    await assert.rejects(
      at(3),
      (error) =>
        error instanceof UsageError && error.message.includes('no weights of epoch 3, only of 0, 1, 2, 4;'),
    );
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
  });

  test('a kept run is small, and says to the bit what the original says', async () => {
    const folder = path.join(root, 'kept', 'seed-1');
    const tensors = tf.memory().numTensors;
    const kept = keepRun(run, folder);
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
    assert.deepEqual(kept.epochs, [4]);
    assert.deepEqual(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort(), [
      ...['environment.json', 'metrics.jsonl', 'spec.json', 'summary.json', 'weights'],
      ...['weights/epoch-4.json', 'weights/epoch-4.safetensors'],
    ]);
    const original = await readTrainedRun(run);
    const again = await readTrainedRun(folder);
    for (const part of ['parameters', 'statistics'] as const) {
      const values = (tensor: tf.Tensor) => [tensor.shape, tensor.dataSync()];
      const entries = (named: typeof original.parameters) =>
        Object.entries(named).map(([name, tensor]) => [name, values(tensor)]);
      assert.deepEqual(entries(again[part]), entries(original[part]));
    }
    tf.dispose(tensorsOf([original, again].map(({ parameters, statistics }) => [parameters, statistics])));
    const evaluation = async (of: string) => ({ ...(await evaluateRun({ run: of, dataFolder })), run: '' });
    assert.deepEqual(await evaluation(folder), await evaluation(run));
    const measures = async (of: string) => ({ ...(await measureRun(of, { dataFolder })), run: '' });
    assert.deepEqual(await measures(folder), await measures(run));
    await exportRun({ run: folder, format: 'tfjs', out: path.join(root, 'model') });
    assert.ok(existsSync(path.join(root, 'model', 'model.json')));
    assert.deepEqual(
      listRuns(path.join(root, 'kept')).map(({ id, state, epochs }) => [id, state, epochs]),
      [['seed-1', 'finished', 4]],
    );
  });

  test('with its epochs where they are wanted, and a copy of the copy is the same', () => {
    const folder = path.join(root, 'kept', 'epochs');
    assert.deepEqual(keepRun(run, folder, { epochs: true }).epochs, [0, 1, 2, 4]);
    const copy = path.join(root, 'kept', 'copy');
    keepRun(folder, copy, { epochs: true });
    assert.deepEqual(weightsOf(copy), weightsOf(folder));
  });

  test('what cannot be kept, or trained, is refused', async () => {
    const folder = path.join(root, 'kept', 'refusals');
    keepRun(run, folder);
    assert.throws(() => keepRun(run, folder), refused(/is not empty.*Nothing was written/));
    // A complete run is not repeated; it gives its result.
    const summary = await runExperiment({ specification, folder, dataFolder });
    assert.deepEqual(summary, new RunFolder(run).summary());
    assert.throws(
      () => {
        refuseKept(new RunFolder(folder));
      },
      refused(/is a run that was kept: it has the weights of epoch 4, but not the optimizer's state/),
    );
    rmSync(path.join(folder, 'summary.json'));
    assert.throws(() => keepRun(folder, path.join(root, 'no')), refused(/is not finished/));
    const records = readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8');
    await assert.rejects(runExperiment({ specification, folder, dataFolder }), refused(/was kept/));
    assert.equal(readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8'), records, 'nothing is lost');
    const damaged = path.join(root, 'kept', 'damaged');
    keepRun(run, damaged);
    writeFileSync(path.join(damaged, 'weights', 'epoch-4.safetensors'), 'no weights');
    await assert.rejects(readTrainedRun(damaged), refused(/epoch-4\.safetensors: sha256 is .*, expected/));
    const half = path.join(root, 'kept', 'half');
    assert.throws(() => keepRun(damaged, half), refused(/sha256/));
    assert.ok(!existsSync(half), 'no half of a copy');
    mkdirSync(half);
    assert.throws(() => keepRun(damaged, half), refused(/sha256/));
    assert.deepEqual(readdirSync(half), [], 'a folder that was there stays, as empty as it was');
  });
});

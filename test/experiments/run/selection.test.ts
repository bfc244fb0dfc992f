import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { tf } from '../../../src/engine/tf.ts';
import { loadEngine, UsageError } from '../../../src/engine/index.ts';
import {
  parseSpecification,
  readTrainedRun,
  RunFolder,
  runExperiment,
  specificationHash,
} from '../../../src/experiments/index.ts';
import { checkpointEpochs } from '../../../src/training/index.ts';
import { bestEpoch } from '../../../src/experiments/run/selection.ts';
import type { EpochRecord } from '../../../src/experiments/index.ts';
import { writeTinyCifar } from '../../support/tinyCifar.ts';

const written = {
  split: { train: 120, validation: 20 },
  network: { widths: [4, 8], convolutions: 1 },
  // So large a rate that the validation accuracy goes up and down.
  optimizer: { learningRate: 0.5, schedule: 'constant' },
  selection: 'validation',
  epochs: 8,
  batchSize: 20,
} as const;

describe('selection by validation', () => {
  let root: string;
  before(async () => {
    await loadEngine();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-selection-'));
    writeTinyCifar(path.join(root, 'data'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const specification = parseSpecification(written, 'test');
  const run = (name: string, { data = 'data', stopAfter = 0, notes = [] as string[] } = {}) => {
    const controller = new AbortController();
    return runExperiment({
      specification,
      folder: path.join(root, name),
      dataFolder: path.join(root, data),
      signal: controller.signal,
      progress: ({ note }) => notes.push(note ?? ''),
      onEpoch: ({ epoch }) => {
        if (epoch === stopAfter) controller.abort(new Error('stopped'));
      },
    });
  };
  const checkpoints = (name: string) => path.join(root, name, 'checkpoint');
  const result = (name: string) => {
    const records = new RunFolder(path.join(root, name));
    const { timing, ...summary } = records.summary()!;
    assert.ok(timing.seconds > 0);
    return {
      summary,
      epochs: records.epochs().map((record) => ({ ...record, timing: undefined })),
      weights: checkpointEpochs(records.checkpoints).map((epoch) => [
        epoch,
        readFileSync(path.join(records.checkpoints, `epoch-${epoch}.safetensors`), 'base64'),
      ]),
    };
  };

  test('the best epoch is the earliest of the highest accuracy', () => {
    const record = (epoch: number, accuracy?: number) =>
      ({ epoch, ...(accuracy === undefined ? {} : { validation: { accuracy } }) }) as EpochRecord;
    assert.equal(bestEpoch([]), undefined);
    assert.equal(bestEpoch([record(1)]), undefined);
    assert.equal(bestEpoch([record(1, 0.2), record(2, 0.7), record(3, 0.7), record(4, 0.5)]), 2);
    assert.equal(bestEpoch([record(1, 0)]), 1);
  });

  test('it is left out where it is the last, and needs validation', () => {
    const hash = (value: object) => specificationHash(parseSpecification(value, 'test'));
    assert.equal(hash({ selection: 'last' }), hash({}));
    assert.notEqual(hash({ selection: 'validation' }), hash({}));
    assert.throws(
      () => parseSpecification({ selection: 'validation', split: { validation: 0 } }, 'test'),
      (error) => error instanceof UsageError && error.message.includes('split.validation is 0'),
    );
    assert.throws(
      () => parseSpecification({ selection: 'validaton' }, 'test'),
      /selection: .*did you mean "validation"\?/,
    );
  });

  test('the best epoch is evaluated, its checkpoint kept, and the test set used once', async () => {
    const notes: string[] = [];
    const summary = await run('whole', { notes });
    const epochs = new RunFolder(path.join(root, 'whole')).epochs();
    const best = bestEpoch(epochs)!;
    assert.ok(
      best < 7,
      `the best epoch is ${best}: the checkpoint of another than the last two has to be kept`,
    );
    assert.deepEqual(summary.selection, { rule: 'validation', epoch: best });
    assert.deepEqual(checkpointEpochs(checkpoints('whole')), [8, 7, best]);
    const tests = notes.flatMap((note, i) => (note.includes('test set') ? [i] : []));
    assert.equal(tests.length, 1, '60 images pass in one batch, once');
    assert.ok(notes.findLastIndex((note) => note.startsWith('epoch')) < tests[0]!, 'after the training');
    // The weights of the best epoch are what is exported.
    const { parameters, statistics } = await readTrainedRun(path.join(root, 'whole'));
    tf.dispose([parameters, statistics]);
  });

  test('other test images change nothing but what is said of them', async () => {
    cpSync(path.join(root, 'data'), path.join(root, 'other'), { recursive: true });
    const file = path.join(root, 'other', 'cifar10', 'test_batch.bin');
    writeFileSync(file, Buffer.from(readFileSync(file)).fill(3));
    await run('other-test', { data: 'other' });
    const [{ summary: one, ...a }, { summary: two, ...b }] = [result('whole'), result('other-test')];
    assert.deepEqual(a, b);
    assert.deepEqual([one.selection, one.train], [two.selection, two.train]);
    assert.notDeepEqual(one.test, two.test);
  });

  test('a run that was stopped, or whose best checkpoint is damaged, ends as if it had not been', async () => {
    const { epoch: best } = result('whole').summary.selection;
    await assert.rejects(run('stopped', { stopAfter: 6 }), /stopped/);
    const kept = checkpointEpochs(checkpoints('stopped'));
    assert.ok(kept.includes(bestEpoch(new RunFolder(path.join(root, 'stopped')).epochs())!));
    appendFileSync(path.join(checkpoints('stopped'), `epoch-${best}.safetensors`), 'x');
    if (best < 5) {
      // Nothing before it is left to go on from.
      await assert.rejects(run('stopped'), /No checkpoint in .* can be read/);
      rmSync(path.join(root, 'stopped'), { recursive: true });
    }
    await run('stopped', {});
    assert.deepEqual(result('stopped'), result('whole'));
  });
});

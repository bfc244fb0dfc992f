import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { tensorsOf } from '../../src/engine/index.ts';
import {
  checkpointEpochs,
  decodeSafetensors,
  encodeSafetensors,
  loadCheckpoint,
  saveCheckpoint,
  type TrainingState,
} from '../../src/training/index.ts';
import { engineUnderTest } from '../support/engine.ts';

describe('checkpoints', () => {
  let root: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-checkpoint-'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const state = (value: number): TrainingState => ({
    parameters: { 'a/kernel': tf.fill([2, 3], value), 'a/bias': tf.scalar(value + 0.5) },
    slots: { 'a/kernel': tf.fill([2, 3], -value), 'a/bias': tf.scalar(0) },
    statistics: {},
    losses: { 'center/stage1/centers': tf.fill([2, 2], value + 0.25) },
  });
  const save = (folder: string, epoch: number, keep?: number) => {
    const s = state(epoch);
    saveCheckpoint(folder, epoch, s, { keep });
    tf.dispose(tensorsOf(s));
  };
  const load = (folder: string) => {
    const loaded = loadCheckpoint(folder);
    if (loaded === undefined) return undefined;
    const { parameters, slots } = loaded.state;
    const result = {
      epoch: loaded.epoch,
      kernel: [...parameters['a/kernel']!.dataSync()],
      shape: parameters['a/kernel']!.shape,
      bias: parameters['a/bias']!.dataSync()[0],
      slot: slots['a/kernel']!.dataSync()[0],
    };
    tf.dispose(tensorsOf(loaded.state));
    return result;
  };

  test('give back what was saved; the last two stay', () => {
    const folder = path.join(root, 'round');
    assert.equal(load(folder), undefined);
    for (const epoch of [1, 2, 3, 10]) save(folder, epoch);
    assert.deepEqual(load(folder), {
      epoch: 10,
      kernel: [10, 10, 10, 10, 10, 10],
      shape: [2, 3],
      bias: 10.5,
      slot: -10,
    });
    assert.deepEqual(checkpointEpochs(folder), [10, 3]);
    assert.equal(readdirSync(folder).length, 4);
  });

  test('one that is to be kept stays beside the last two, until another one is', () => {
    const folder = path.join(root, 'kept');
    for (const epoch of [1, 2, 3, 4, 5]) save(folder, epoch, 2);
    assert.deepEqual(checkpointEpochs(folder), [5, 4, 2]);
    save(folder, 6, 5);
    assert.deepEqual(checkpointEpochs(folder), [6, 5]);
  });

  test('a damaged one is passed over for the one before', () => {
    const folder = path.join(root, 'damaged');
    save(folder, 1);
    save(folder, 2);
    const file = path.join(folder, 'epoch-2.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    assert.equal(load(folder)?.epoch, 1);
    truncateSync(file, 20);
    assert.equal(load(folder)?.epoch, 1);
    // Written, but killed before the seal: as if it were not there.
    rmSync(path.join(folder, 'epoch-2.json'));
    assert.equal(load(folder)?.epoch, 1);
  });

  test('where none is sound, the message names file, expected and found', () => {
    const folder = path.join(root, 'lost');
    save(folder, 4);
    writeFileSync(path.join(folder, 'epoch-4.safetensors'), 'nonsense');
    assert.throws(() => load(folder), /epoch-4\.safetensors: sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/);
  });

  test('safetensors: header and values lie where the format says', () => {
    const bytes = Buffer.from(encodeSafetensors({ x: tf.tensor1d([1, 2]) }, { epoch: '3' }));
    const length = Number(bytes.readBigUInt64LE(0));
    assert.equal((8 + length) % 8, 0);
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as unknown;
    assert.deepEqual(header, {
      __metadata__: { epoch: '3' },
      x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    });
    assert.equal(bytes.readFloatLE(8 + length + 4), 2);
    assert.equal(decodeSafetensors(bytes).metadata['epoch'], '3');
    assert.throws(() => decodeSafetensors(bytes.subarray(0, bytes.length - 1)), /'x' are cut short/);
    const half = Buffer.from(bytes);
    half.write('F16', half.indexOf('F32'));
    assert.throws(() => decodeSafetensors(half), /'x' are F16, not F32/);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import { tensorboard, type EpochRecord } from '../../../src/experiments/index.ts';
import { crc32c } from '../../../src/experiments/tensorboard/crc32c.ts';
import { encodeEvent, encodeVersion, type ScalarEvent } from '../../../src/experiments/tensorboard/events.ts';

describe('TensorBoard', () => {
  test('checksums of RFC 3720, appendix B.4', () => {
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  });

  test("events are Python's, to the byte", () => {
    const file = new URL('../../fixtures/tensorboard/events.json', import.meta.url);
    const { version, events } = JSON.parse(readFileSync(file, 'utf8')) as {
      version: string;
      events: { event: ScalarEvent; bytes: string }[];
    };
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    assert.equal(base64(encodeVersion(1_700_000_000.25)), version);
    assert.ok(events.length > 2);
    for (const { event, bytes } of events) assert.equal(base64(encodeEvent(event)), bytes);
  });

  test('the file is a function of the records: a run that goes on has no epoch twice', (t) => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'msl-tensorboard-'));
    t.after(() => {
      rmSync(root, { recursive: true });
    });
    const records = [1, 2, 3].map((epoch): EpochRecord => ({
      ...{ schemaVersion: 1, epoch, learningRate: 0.1 / epoch },
      train: { losses: { total: 1 / epoch }, accuracy: 0.5, gradientNormLogits: 0.3 },
      timing: { seconds: 1, imagesPerSecond: 100, finishedAt: `2026-01-01T00:00:0${epoch}.000Z` },
    }));
    const read = (name: string) => readFileSync(path.join(root, name, 'events.out.tfevents.msl'));
    tensorboard(path.join(root, 'whole'), records);
    const add = tensorboard(path.join(root, 'stopped'), records.slice(0, 1));
    add(records[1]!);
    // It goes on from the first epoch.
    const again = tensorboard(path.join(root, 'stopped'), records.slice(0, 1));
    again(records[1]!);
    again(records[2]!);
    assert.deepEqual(read('stopped'), read('whole'));
  });
});

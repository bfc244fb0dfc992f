import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { measureNetworks, networksDocument, type NetworksRecord } from '../../src/bench/index.ts';
import { listedNetworks } from '../../src/experiments/index.ts';

const root = path.join(import.meta.dirname, '..', '..');

test('Networks train by turns, each as many rounds', async () => {
  const record = await measureNetworks({ batchSize: 2, rounds: 2, threads: 2, labels: ['vgg', 'plain'] });
  assert.deepEqual(
    record.networks.map(({ label }) => label),
    ['vgg', 'plain'],
  );
  for (const { trainRounds, train, steps } of record.networks) {
    assert.equal(trainRounds.length, 2);
    assert.ok(steps >= 1 && train.min > 0 && train.min <= train.median && train.median <= train.max);
  }
  assert.throws(() => networksDocument(record), /The record has no vgg, widths 32-64-128: measure/);
});

test('docs/networks.md is what the committed record and the networks give', () => {
  const file = path.join(root, 'bench', 'results', 'networks.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as NetworksRecord;
  const text = readFileSync(path.join(root, 'docs', 'networks.md'), 'utf8');
  assert.equal(networksDocument(record), text);
  const [first, ...others] = record.networks;
  const other = { ...record, networks: [{ ...first!, parameters: first!.parameters + 1 }, ...others] };
  assert.throws(() => networksDocument(other), /The record is of another vgg: measure/);
  for (const { label } of listedNetworks()) assert.match(text, new RegExp(`^\\| ${label} `, 'm'));
});

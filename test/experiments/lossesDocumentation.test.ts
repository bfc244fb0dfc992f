/** What docs/losses.md says a specification can have, it can. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { networkOf, objectiveOf, parseSpecification } from '../../src/experiments/index.ts';
import { layerLosses, MSL, POOLINGS, termName, WEIGHT_SCHEDULES } from '../../src/losses/index.ts';

const text = readFileSync(new URL('../../docs/losses.md', import.meta.url), 'utf8');

test('every specification of docs/losses.md is one', () => {
  const specifications = [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) =>
    parseSpecification(JSON.parse(json!), 'docs/losses.md'),
  );
  const data = { train: { height: 32, width: 32, channels: 3, classes: { length: 10 } } };
  const terms = specifications.map((specification) =>
    objectiveOf(specification, networkOf(specification, data)).terms.map(termName),
  );
  assert.deepEqual(terms, [
    [
      ...['msl/stage1', 'msl/stage2', 'msl/stage3'],
      ...['supervisedContrastive/stage3', 'center/stage3', 'center/penultimate'],
    ],
    ['msl/stage2', 'msl/stage3'],
  ]);
});

test('docs/losses.md names every choice, and no loss that is not there', () => {
  const { distance, between, pairs } = MSL.options;
  const words = [distance, between, pairs].flatMap(({ choices }) => [...choices]);
  for (const word of [...words, ...POOLINGS, ...WEIGHT_SCHEDULES])
    assert.ok(text.includes(`\`${word}\``), word);
  const names = layerLosses().map(({ name }) => name);
  for (const [, name] of text.matchAll(/"name": "(\w+)"/g)) assert.ok(names.includes(name!), name);
});

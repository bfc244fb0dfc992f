import assert from 'node:assert/strict';
import { test } from 'node:test';

import { escapeHtml, scriptJson, scriptSource } from '../../src/report/escape.ts';
import {
  inWords,
  listing,
  percentage,
  points,
  seedsText,
  threeDigits,
  whole,
} from '../../src/report/format.ts';

test('numbers are shown to sensible digits', () => {
  assert.equal(whole(1234567.4), '1,234,567');
  assert.equal(percentage(0.386249), '38.62');
  assert.deepEqual([-0.0043, 0.0043, 0, -0.00004, 0.00004].map(points), [
    '−0.43',
    '+0.43',
    '0.00',
    '0.00',
    '0.00',
  ]);
  assert.deepEqual(
    [
      0,
      0.009123,
      1.2345,
      12.345,
      123.45,
      999.96,
      1234.5,
      -0.5,
      0.00001234,
      -0.00001234,
      1234567,
      Infinity,
      NaN,
    ].map(threeDigits),
    [
      '0',
      '0.00912',
      '1.23',
      '12.3',
      '123',
      '1,000',
      '1,235',
      '−0.500',
      '1.23e−5',
      '−1.23e−5',
      '1.23e+6',
      '∞',
      '–',
    ],
  );
});

test('words and lists', () => {
  assert.deepEqual([0, 3, 10, 11].map(inWords), ['none', 'three', 'ten', '11']);
  assert.deepEqual(
    [listing([]), listing([1]), listing([1, 2]), listing(['a', 'b', 'c'])],
    ['', '1', '1 and 2', 'a, b and c'],
  );
});

test('escaping', () => {
  assert.equal(
    escapeHtml(`<a href="x" id='y'>&amp;`),
    '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;',
  );
  const value = { name: '</script><!--\u2028', n: NaN };
  assert.doesNotMatch(scriptJson(value), /<|\u2028/);
  assert.deepEqual(JSON.parse(scriptJson(value)), { ...value, n: null });
  assert.equal(scriptSource('a = "</SCRIPT><!--"'), 'a = "<\\/SCRIPT><\\!--"');
});

test('seedsText: a range of four and more that follow each other', () => {
  assert.deepEqual([[8], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 5], [7, 8, 9, 10, 11]].map(seedsText), [
    'seed 8',
    'seeds 1, 2 and 3',
    'seeds 1 to 4',
    'seeds 1, 2, 3 and 5',
    'seeds 7 to 11',
  ]);
});

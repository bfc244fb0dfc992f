import assert from 'node:assert/strict';
import { test } from 'node:test';

import { frameHtml, tableText, testErrorTable, toFrame } from '../../src/report/index.ts';
import { sampleStudy } from './sample.ts';

const table = testErrorTable(
  sampleStudy({ ce: [{ error: 0.35 }, { error: 0.36 }], msl: [{ error: 0.34 }, { error: 'diverged' }] }),
);

test('toFrame gives a danfojs frame of numbers', async () => {
  const frame = await toFrame(table);
  assert.deepEqual(frame.columns, ['CE (%)', 'CE + MSL (%)', 'difference (points)']);
  assert.deepEqual(frame.index, ['seed 1', 'seed 2', 'mean', 'mean, diverged = guessing']);
  const differences = frame['difference (points)'] as { values: number[] };
  assert.ok(Math.abs(differences.values[0]! + 1) < 1e-12);
  assert.ok(Number.isNaN(differences.values[1]));
});

test('tableText is danfojs’s print with columns as wide as their content', async () => {
  assert.equal(
    await tableText(table),
    [
      '┌───────────────────────────┬────────┬──────────────┬────────────────┐',
      '│                           │ CE (%) │ CE + MSL (%) │     difference │',
      '│                           │        │              │       (points) │',
      '├───────────────────────────┼────────┼──────────────┼────────────────┤',
      '│ seed 1                    │  35.00 │        34.00 │          −1.00 │',
      '│ seed 2                    │  36.00 │     diverged │              – │',
      '├───────────────────────────┼────────┼──────────────┼────────────────┤',
      '│ mean                      │  35.00 │        34.00 │          −1.00 │',
      '│ mean, diverged = guessing │  35.50 │        42.00 │          +6.50 │',
      '└───────────────────────────┴────────┴──────────────┴────────────────┘',
    ].join('\n'),
  );
});

test('rows of one name are told apart, which danfojs refuses', async () => {
  const values = { name: 'n', values: [1, 2, 3], format: String };
  const twice = { title: '', note: '', rowHeader: '', rows: ['pool', 'dense', 'pool'], columns: [values] };
  assert.deepEqual((await toFrame(twice)).index, ['pool', 'dense', 'pool (2)']);
  assert.match(await tableText(twice), /pool \(2\) │ +3/);
  const taken = { ...twice, rows: ['pool', 'pool', 'pool (2)'] };
  assert.deepEqual((await toFrame(taken)).index, ['pool', 'pool (3)', 'pool (2)']);
});

test('tableText shows every row and column, where danfojs alone would stop at ten', async () => {
  const column = (name: string): { name: string; values: number[]; format: (x: number) => string } => ({
    name,
    values: Array.from({ length: 25 }, (_, row) => row),
    format: (x) => x.toFixed(1),
  });
  const text = await tableText({
    title: '',
    note: '',
    rowHeader: 'row',
    rows: Array.from({ length: 25 }, (_, row) => `r${row}`),
    columns: Array.from({ length: 12 }, (_, c) => column(`c${c}`)),
  });
  assert.match(text, /│ r24 │ 24\.0 │/);
  assert.match(text, / c11 /);
});

test('frameHtml escapes index, columns and cells, and marks the rows that sum up', () => {
  const html = frameHtml(
    { index: ['<a>', 'mean'], columns: ['"x" & y'], values: [["<script>alert('1')</script>"], [2]] },
    'seed >',
    { summaryRows: 1 },
  );
  assert.equal(
    html,
    '<table><thead><tr><th scope="col">seed &gt;</th><th scope="col">&quot;x&quot; &amp; y</th></tr></thead><tbody>' +
      '<tr><th scope="row">&lt;a&gt;</th><td>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</td></tr>' +
      '<tr class="summary"><th scope="row">mean</th><td>2</td></tr></tbody></table>',
  );
});

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { numberTable, showTable, type MimeBundle } from '../../src/notebook/index.ts';
import type { Table } from '../../src/report/index.ts';

const KERNEL = Symbol.for('msl.kernel');
afterEach(() => {
  Reflect.deleteProperty(globalThis, KERNEL);
});

/** What the kernel is given to display. */
async function displayed(content: Table): Promise<MimeBundle | undefined> {
  const bundles: MimeBundle[] = [];
  const kernel = { display: (data: MimeBundle) => bundles.push(data) };
  Object.defineProperty(globalThis, KERNEL, { value: kernel, configurable: true });
  await showTable(content);
  return bundles[0];
}

test('showTable: title, cells with what is bold, words at the left, and the note', async () => {
  const bundle = await displayed({
    title: 'Errors <here>',
    note: 'Bold: the lower one.',
    rowHeader: 'arm',
    rows: ['CE', 'CE & MSL'],
    columns: [
      {
        name: 'error (%)',
        values: [0.3, 0.28],
        format: String,
        factor: 100,
        bold: [false, true],
      },
      { name: 'kind', values: ['baseline', null], format: String },
    ],
  });
  const html = String(bundle?.['text/html']);
  assert.match(html, /<caption [^>]*>Errors &lt;here&gt;<\/caption>/);
  assert.match(
    html,
    /<th scope="col">arm<\/th><th scope="col" style="text-align:right">error \(%\)<\/th><th scope="col" style="text-align:left">kind/,
  );
  assert.match(
    html,
    /<th scope="row">CE<\/th><td style="text-align:right;white-space:nowrap">0\.3<\/td><td style="text-align:left">baseline<\/td>/,
  );
  assert.match(
    html,
    /<th scope="row">CE &amp; MSL<\/th><td style="text-align:right;white-space:nowrap"><b>0\.28<\/b><\/td>/,
  );
  assert.match(html, /<p [^>]*>Bold: the lower one\.<\/p>$/);
  const text = String(bundle?.['text/plain']);
  assert.match(text, /^Errors <here>\n[^]*│ +0\.28 \* │[^]*\nBold: the lower one\.$/);
});

test('showTable: a table of numbers has no note, and one without a row is not shown', async () => {
  const bundle = await displayed(numberTable({ title: 'Bounds', rows: ['two'] }, { classes: [2] }));
  assert.doesNotMatch(String(bundle?.['text/html']), /<p/);
  assert.equal(await displayed(numberTable({ title: 'None', rows: [] }, { classes: [] })), undefined);
});

test('numbers of a table: whole ones grouped, others with significant digits, of a column with as many decimals', () => {
  const rows = ['a', 'b', 'c', 'd'];
  const { columns, ...table } = numberTable(
    { title: 'T', rows },
    {
      n: [12345, 0.123456, null, -0],
      whole: [12345, 0, -3, 1e21],
      error: [33.06, 0.4, 9.996, 0],
      margin: [0.5, 1, 1.5, 12345.6],
      tiny: [1.234e-9, 0.25, NaN, Infinity],
      small: [0.00000274, 0.000431, 0, 1.05],
    },
  );
  assert.deepEqual(table.rows, rows);
  const shown = columns.map(({ name, values, format }) => [
    name,
    ...values.map((value, row) => (typeof value === 'number' ? format(value, row) : value)),
  ]);
  assert.deepEqual(shown, [
    ['n', '12,345', '0.123', null, '0.000'],
    ['whole', '12,345', '0', '-3', '1e+21'],
    ['error', '33.1', '0.4', '10.0', '0.0'],
    ['margin', '0.5', '1.0', '1.5', '12,300'],
    ['tiny', '1.23e-9', '0.25', 'NaN', 'Infinity'],
    ['small', '2.74e-6', '0.000431', '0.000', '1.05'],
  ]);
  const [error] = numberTable({ title: 'T', rows, digits: 4 }, { error: [33.05, 0.4] }).columns;
  assert.equal(error!.format(0.4, 1), '0.40');
});

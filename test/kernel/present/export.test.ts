import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { findChromium } from '../../../scripts/lab/chromium.mjs';
import { findLab } from '../../../scripts/lab/environment.mjs';
import { addPictures, drawFigures } from '../../../scripts/lab/figures.mjs';
import { exportHtml } from '../../../scripts/lab/html.mjs';
import { membersAt, membersOf } from '../../../scripts/lab/json.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-figures-'));
const FIGURE = '{"data": [{"y": [1.0, 1e-07]}], "layout": {"width": 320, "height": 240}}';
const PLOTLY = 'application/vnd.plotly.v1+json';
const skip = findChromium() === undefined ? 'no Chromium' : false;

/** A notebook as another tool may have written it: a float that JavaScript would write otherwise, odd spaces. */
function notebook(name: string, data: string): string {
  const file = path.join(folder, name);
  const output = `{\n "data": {\n  ${data}\n },\n "metadata": {}, "output_type": "display_data"}`;
  fs.writeFileSync(
    file,
    `{"cells": [{"cell_type": "code", "outputs": [${output}], "n": 1.0}],\n "nbformat": 4 }\n`,
  );
  return file;
}

const plotly = (figure: string) =>
  `"application/vnd.plotly.v1+json": ${figure},\n  "text/plain": "[figure \\"{"`;

test('places in JSON text', () => {
  const text = '{"a": [1, {"b}": "\\"]"}, []], "c": true }';
  assert.deepEqual(
    membersAt(text, 0).map(({ key, start, end }) => [key, text.slice(start, end)]),
    [
      ['a', '[1, {"b}": "\\"]"}, []]'],
      ['c', 'true'],
    ],
  );
  assert.deepEqual(
    membersOf(text, 0, 'a').map(({ start, end }) => text.slice(start, end)),
    ['1', '{"b}": "\\"]"}', '[]'],
  );
  assert.deepEqual(membersOf(text, 0, 'c'), []);
  assert.deepEqual(membersOf(text, 0, 'd'), []);
});

test('without a browser a notebook stays as it is, and one line says why', async () => {
  const file = notebook('none.ipynb', plotly(FIGURE));
  const before = fs.readFileSync(file, 'utf8');
  const said: string[] = [];
  const options = { root, env: { PATH: '' }, report: (line: string) => said.push(line) };
  assert.deepEqual(await addPictures([file], options), { added: 0, missing: 1 });
  assert.equal(fs.readFileSync(file, 'utf8'), before);
  assert.deepEqual(said, ['Figures stay without a picture: no Chromium in PATH or MSL_CHROMIUM.']);
});

test('a browser that does not work is said so', async () => {
  const said: string[] = [];
  const options = {
    root,
    env: { MSL_CHROMIUM: process.execPath },
    report: (line: string) => said.push(line),
  };
  assert.deepEqual(await drawFigures([JSON.parse(FIGURE)], options), [undefined]);
  assert.match(said.join('\n'), /^Figures stay without a picture: .*node/);
});

test('a figure gets a picture of its size; all else stays byte for byte', { skip }, async () => {
  const file = notebook('one.ipynb', plotly(FIGURE));
  const before = fs.readFileSync(file, 'utf8');
  assert.deepEqual(await addPictures([file], { root }), { added: 1, missing: 0 });
  const after = fs.readFileSync(file, 'utf8');
  const [whole, picture] = /,\n {2}"image\/png": "([^"]+)"/.exec(after)!;
  assert.equal(after.replace(whole, ''), before);
  const png = Buffer.from(picture!, 'base64');
  // The header of a PNG file has width and height at bytes 16 and 20.
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [320, 240]);
  assert.deepEqual(await addPictures([file], { root }), { added: 0, missing: 0 });
  const other = notebook('two.ipynb', plotly(FIGURE));
  await addPictures([other], { root });
  assert.equal(fs.readFileSync(other, 'utf8'), after, 'the same picture each time');
});

test('a figure that cannot be drawn leaves the others', { skip }, async () => {
  const said: string[] = [];
  const good = JSON.parse(FIGURE) as object;
  const bad = { ...good, layout: { width: -1, height: 'x' } };
  const [first, second] = await drawFigures([bad, good], { root, report: (line: string) => said.push(line) });
  assert.equal(first, undefined);
  assert.ok(second);
  assert.equal(said.length, 1);
});

const lab = findLab({ root });

test('exported HTML holds plotly.js once and the figures’ data', { skip: lab === undefined }, async () => {
  const figure = '{"data": [{"y": [1, 2], "name": "</script>"}], "layout": {}}';
  const file = path.join(folder, 'page.ipynb');
  const output = {
    output_type: 'display_data',
    metadata: {},
    data: { [PLOTLY]: JSON.parse(figure) as unknown },
  };
  const cell = {
    cell_type: 'code',
    id: 'a',
    metadata: {},
    execution_count: 1,
    source: '1',
    outputs: [output, output],
  };
  fs.writeFileSync(file, JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  const [page] = await exportHtml([file], { root, python: path.join(lab!, 'bin', 'python') });
  assert.equal(page, path.join(folder, 'page.html'));
  const html = fs.readFileSync(page, 'utf8');
  assert.equal(html.match(/plotly\.js v\d/g)?.length, 1);
  assert.equal(html.match(/<script type="application\/json">\{.*?"y": \[1, 2\].*?<\/script>/g)?.length, 2);
  assert.doesNotMatch(html, /<script src=/, 'nothing is fetched');
  assert.match(html, /\\u003c\/script\\u003e/);
});

import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { describe, html, image, md, present, svg } from '../../../src/kernel/present/index.ts';

const DISPLAY = Symbol.for('Jupyter.display');
const showing = (display: () => unknown) => ({ a: 1, [DISPLAY]: display });

test('a value describes itself', () => {
  assert.deepEqual(present(showing(() => ({ 'text/html': '<b>1</b>', 'text/plain': undefined }))), {
    'text/html': '<b>1</b>',
  });
  class Temperature {
    celsius = 20;
    [DISPLAY]() {
      return { 'text/plain': `${this.celsius} C` };
    }
  }
  assert.deepEqual(present(new Temperature()), { 'text/plain': '20 C' });
  // Some libraries' data frames are proxies.
  assert.deepEqual(present(new Proxy(new Temperature(), {})), { 'text/plain': '20 C' });
});

test('later, too', async () => {
  const value = showing(() => Promise.resolve({ 'text/plain': 'later' }));
  assert.deepEqual(await describe(value), { 'text/plain': 'later' });
  // What cannot wait shows the value itself.
  assert.match(String(present(value)['text/plain']), /a: 1/);
});

test('what goes wrong in it is a note', async () => {
  const broken = () => {
    throw new RangeError('no layout');
  };
  const note = /a: 1[^]*Its Jupyter.display failed: RangeError: no layout/;
  assert.match(String(present(showing(broken))['text/plain']), note);
  // eslint-disable-next-line @typescript-eslint/require-await
  const later = await describe(showing(async () => broken()));
  assert.match(String(later['text/plain']), note);
  const cycle: Record<string, unknown> = {};
  cycle['application/json'] = cycle;
  for (const bundle of [7, null, 'text', [1], { html: '<b>' }, cycle, { 'application/json': 1n }]) {
    assert.match(
      String(present(showing(() => bundle))['text/plain']),
      /Its Jupyter.display failed: TypeError/,
    );
  }
});

test('what stands under the name and is no function is no description', () => {
  assert.match(String(present({ [DISPLAY]: 1 })['text/plain']), /Jupyter\.display/);
});

test('the helpers of Deno’s kernel', () => {
  const name = 'x';
  assert.deepEqual(present(html`<b>${name}</b>${undefined}`), {
    'text/html': '<b>x</b>',
    'text/plain': '<b>x</b>',
  });
  assert.deepEqual(present(md`**${1}**, ${null}`), { 'text/markdown': '**1**, ', 'text/plain': '**1**, ' });
  assert.equal(present(svg`<svg></svg>`)['image/svg+xml'], '<svg></svg>');
  const bytes = Buffer.from('GIF89a..');
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'msl-image-')), 'a.gif');
  writeFileSync(file, bytes);
  assert.equal(present(image(bytes))['image/gif'], bytes.toString('base64'));
  assert.deepEqual(present(image(file)), present(image(bytes)));
  assert.throws(() => image(Buffer.from('text')), /image: 4 bytes is no PNG/);
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { PNG } from 'pngjs';

import type { Figure } from '../../src/report/index.ts';
import { drawPictures } from '../../src/cli/pictures.ts';

const { findChromium } = (await import(new URL('../../scripts/lab/chromium.mjs', import.meta.url).href)) as {
  readonly findChromium: () => string | undefined;
};

test(
  'a figure is drawn as PNG, twice as fine, and as SVG with its words',
  { skip: findChromium() === undefined ? 'there is no Chromium (MSL_CHROMIUM names one)' : false },
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-pictures-'));
    try {
      const square: Figure = {
        description: 'one square mark',
        data: [
          {
            type: 'scatter',
            mode: 'markers',
            x: [0],
            y: [0],
            marker: { color: '#ff0000', size: 60, symbol: 'square' },
          },
        ],
        layout: { title: { text: 'a < b' }, height: 300 },
        narrowLayout: {},
      };
      const files = await drawPictures({ square }, folder);
      assert.deepEqual(
        files.map((file) => path.basename(file)),
        ['square.png', 'square.svg'],
      );
      const { width, height, data } = PNG.sync.read(readFileSync(files[0]!));
      assert.deepEqual([width, height], [1800, 600]);
      let red = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 0) red++;
      }
      // 60 x 60 pixels, each drawn by four; one at its border may be blended.
      assert.ok(red > 118 * 118 && red <= 122 * 122, `${red} red pixels`);
      assert.match(
        readFileSync(files[1]!, 'utf8'),
        /^<svg [^>]*width="900" height="300"[^]*>a (&lt;|&#60;) b</,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

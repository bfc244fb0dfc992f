import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import type { Data } from 'plotly.js-dist-min';
import { PNG } from 'pngjs';

import type { Figure } from '../../src/report/index.ts';
import { drawPictures } from '../../src/cli/pictures.ts';
import { axesOf, layoutAt, panelFigure } from '../../src/report/figures/panels.ts';
import { withoutChromium } from './chromium.ts';

test(
  'a figure is drawn as PNG, twice as fine, and as SVG with its words',
  { skip: withoutChromium },
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

test('a legend takes the room that was left for it, to a line', { skip: withoutChromium }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-legends-'));
  const line = (name: string, more: object = {}): Data => ({
    ...{ type: 'scatter', mode: 'lines', x: [0, 1], y: [0, 1], name, ...axesOf(0), ...more },
  });
  const grouped = (name: string, legendgroup: string): Data => line(name, { legendgroup });
  const names = ['CE', 'CE + MSL', 'CE + deep supervision', 'CE + soft nearest neighbour'];
  const cases: Record<string, { readonly data: Data[]; readonly ticktext?: string[] }> = {
    none: { data: [line('CE')] },
    one: { data: [line('CE', { showlegend: true })] },
    row: { data: names.map((name) => line(name)) },
    columns: { data: [...names, ...names].map((name) => line(name)) },
    narrowed: { data: names.map((name) => line(name)), ticktext: ['smoothed labels and everything else'] },
    groups: { data: names.map((name) => grouped(name, name)) },
    // An arm and its parts in a column.
    parts: {
      data: [...names, ...names].flatMap((name, i) => [
        grouped(name, String(i)),
        grouped(`${name}: lowest and highest 5 %`, i < 4 ? String(i) : `${name}, part`),
      ]),
    },
    hidden: { data: [...names.map((name) => line(name)), line('a run', { showlegend: false })] },
    marked: { data: ['a &lt; b', 'CE &amp; MSL'].map((name) => line(name)) },
  };
  try {
    const figures = Object.entries(cases).map(([name, { data, ticktext }]) => {
      const y = { title: '', ...(ticktext === undefined ? {} : { ticktext, tickvals: [0.5] }) };
      return [
        name,
        panelFigure(data, [{ title: 'Panel', x: { title: 'x' }, y }], name, { columns: 1 }),
      ] as const;
    });
    // The narrowest page that the layout is for, and a file's picture, which is wider.
    for (const [width, name, figure] of [660, 900].flatMap((at) =>
      figures.map((one) => [at, ...one] as const),
    )) {
      if (name === 'none') await drawPictures(Object.fromEntries(figures), folder, { width });
      const layout = layoutAt(figure, width);
      if (width === 660) assert.deepEqual(layout, figure.layout, name);
      const svg = readFileSync(path.join(folder, `${name}.svg`), 'utf8');
      const drawn = Number(
        /<g class="legend"[^]*?<rect class="bg"[^>]* height="([\d.]+)"/.exec(svg)?.[1] ?? 0,
      );
      // Above the panel's title, which takes 34 pixels. Other fonts may need a line less.
      const left = layout.margin!.t! - 34;
      assert.ok(
        left >= drawn && left - drawn < 24,
        `${name} at ${width}: ${left} pixels left, ${drawn} drawn`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

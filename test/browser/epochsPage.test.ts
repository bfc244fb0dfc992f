import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { chromium, type Browser, type Page } from 'playwright-core';

import type { EpochEmbeddings } from '../../src/analysis/index.ts';
import { epochsPage, htmlPage, lightSheet, spriteSheet } from '../../src/report/index.ts';
import { executable, withoutChromium } from './chromium.ts';

const quality = { trustworthiness: 1, neighbourAccuracy: 1, featureAccuracy: 1 };
const frame = (...points: number[]) => ({
  ...{ method: 'pca' as const, points: Float64Array.from(points), notes: [], quality },
});
/** Two images that change their places. */
const embeddings: EpochEmbeddings = {
  ...{ indices: Uint32Array.of(0, 1), labels: Uint8Array.of(0, 1), classes: ['cat', 'dog'] },
  ...{ split: 'test', dataset: 'cifar10', epochs: [0, 5] },
  layers: [{ run: 'ce', tap: 'stage1', dim: 4, embeddings: [frame(0, 0, 4, 2), frame(4, 2, 0, 0)] }],
};
const images = { images: new Uint8Array(2 * 8 * 8 * 3).fill(120), height: 8, width: 8, channels: 3 };

describe('the page of embeddings while training', { skip: withoutChromium }, () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'msl-page-'));
    const sprites = await lightSheet(spriteSheet(images, [0, 1]));
    const content = epochsPage(embeddings, {
      method: 'pca',
      sprites,
      command: 'npx msl embed RUN --epochs',
    });
    writeFileSync(path.join(folder, 'page.html'), await htmlPage(content));
    browser = await chromium.launch({
      executablePath: executable!,
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(120_000);
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(pathToFileURL(path.join(folder, 'page.html')).href);
    await page.locator('#epochs .scatterlayer .point').first().waitFor();
  });
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test('the image of a point appears under the mouse, and goes with it', async () => {
    // Above the points lies a layer that takes the mouse.
    const box = (await page.locator('#epochs .scatterlayer .point').first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    const panel = page.locator('#epochs .msl-sprite');
    await panel.waitFor({ state: 'visible' });
    const source = await page.evaluate<string>(
      `document.querySelector('#epochs .msl-sprite').style.backgroundImage`,
    );
    assert.match(source, /^url\("data:image\/webp;base64,/);
    await page.mouse.move(5, 5);
    await panel.waitFor({ state: 'hidden' });
  });

  test('the button plays it to the last epoch, the slider goes back', { timeout: 120_000 }, async () => {
    // Where the images are, class by class. The slider's label changes before they have moved.
    const places = () =>
      page.evaluate<number[]>(
        `document.querySelector('#epochs .js-plotly-plot, #epochs.js-plotly-plot').data.map(({ x }) => x[0])`,
      );
    const reached = async (...wanted: number[]) => {
      while (String(await places()) !== String(wanted)) {
        await page.evaluate('new Promise(requestAnimationFrame)');
      }
    };
    const label = (epoch: number) =>
      page
        .locator('#epochs .slider-label', { hasText: `epoch ${epoch}` })
        .first()
        .waitFor();
    await reached(0, 4);
    await page.locator('#epochs .updatemenu-button', { hasText: 'play' }).click();
    await Promise.all([reached(4, 0), label(5)]);
    await page.locator('#epochs .slider-rail-touch-rect').click({ position: { x: 2, y: 4 } });
    await Promise.all([reached(0, 4), label(0)]);
    assert.deepEqual(errors, []);
  });
});

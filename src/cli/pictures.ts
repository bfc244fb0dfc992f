import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { makeFolder, UserError } from '../engine/index.ts';
import { layoutAt, type Figure } from '../report/index.ts';
import { writeFileAtomic } from '../training/index.ts';
import { projectScript } from './scripts.ts';

/** scripts/lab/chromium.mjs */
interface ChromiumScript {
  findChromium(env?: NodeJS.ProcessEnv): string | undefined;
  withPage<T>(
    program: string,
    work: (evaluate: (expression: string) => Promise<unknown>) => Promise<T>,
  ): Promise<T>;
}

/** Pixels of a PNG that stand for one of the figure. */
const SCALE = 2;

export interface PictureOptions {
  /** In pixels of the figure; default 900. */
  readonly width?: number;
}

/**
 * Draws every figure as `<id>.png` and `<id>.svg`, by a Chromium that is on the machine.
 *
 * @returns the files
 * @throws {UserError} where there is no Chromium, or it cannot draw
 */
export async function drawPictures(
  figures: Readonly<Record<string, Figure>>,
  folder: string,
  { width = 900 }: PictureOptions = {},
): Promise<string[]> {
  const script = await projectScript<ChromiumScript>('lab/chromium.mjs');
  const chromium = script?.findChromium(process.env);
  if (script === undefined || chromium === undefined) {
    throw new UserError(
      'PNG and SVG are drawn by Chromium or Chrome, and there is none in PATH or where it usually lies. Install one, or set ' +
        'CHROME_PATH to its program. The HTML page needs none: its figures have a button that saves them as PNG.',
    );
  }
  const plotly = readFileSync(createRequire(import.meta.url).resolve('plotly.js-dist-min'), 'utf8');
  makeFolder(folder);
  try {
    return await script.withPage(chromium, async (evaluate) => {
      await evaluate(`${plotly}\n;0`);
      const files: string[] = [];
      for (const [id, { data, layout: wide }] of Object.entries(figures)) {
        const layout = layoutAt({ data, layout: wide }, width);
        const { height = 450 } = layout;
        const figure = JSON.stringify({ data, layout: { ...layout, width, height } });
        for (const format of ['png', 'svg'] as const) {
          const size = { format, width, height, scale: format === 'png' ? SCALE : 1 };
          const url = String(await evaluate(`Plotly.toImage(${figure}, ${JSON.stringify(size)})`));
          const file = path.join(folder, `${id}.${format}`);
          writeFileAtomic(file, decoded(url));
          files.push(file);
        }
      }
      return files;
    });
  } catch (error) {
    if (error instanceof UserError || (error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new UserError(`${chromium} could not draw the figures: ${(error as Error).message}.`);
  }
}

/** What a data address holds: base64, or text with escapes. */
function decoded(url: string): Buffer {
  const comma = url.indexOf(',');
  const content = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(content, 'base64')
    : Buffer.from(decodeURIComponent(content));
}

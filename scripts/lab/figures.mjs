// @ts-check
// Adds a picture to the figures of executed notebooks: node scripts/lab/figures.mjs [--scale 2] NOTEBOOK...
// GitHub and other readers that run no scripts show it. JupyterLab adds it by itself when it draws a figure.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { installed } from '../setup/packages.mjs';
import { findChromium, withPage } from './chromium.mjs';
import { membersAt, membersOf } from './json.mjs';

const PLOTLY = 'application/vnd.plotly.v1+json';
const PNG = 'image/png';

/** The size of a figure that does not give its own, in pixels. */
const SIZE = { width: 700, height: 450 };

/**
 * @typedef {object} FigureOptions
 * @property {string} root the project, whose plotly.js draws
 * @property {NodeJS.ProcessEnv} [env] default `process.env`; `MSL_CHROMIUM` names a browser
 * @property {number} [scale] pixels of a picture for each pixel of the figure; default 1
 * @property {(text: string) => void} [report] where it says what it does; default standard error
 */

/**
 * Adds a picture (`image/png`) to every plotly figure in the outputs of notebooks that has none. All else in the files
 * stays as it is, byte for byte. Without a Chromium it says so and leaves them.
 *
 * @param {readonly string[]} notebooks files
 * @param {FigureOptions} options
 * @returns {Promise<{ added: number, missing: number }>} how many figures got one, and how many still have none
 */
export async function addPictures(notebooks, options) {
  const { report = (text) => void process.stderr.write(`${text}\n`) } = options;
  const found = notebooks.map((file) => {
    const text = fs.readFileSync(file, 'utf8');
    try {
      return { file, text, places: figuresWithoutPicture(text) };
    } catch (error) {
      throw new Error(`${file} is no notebook: ${/** @type {Error} */ (error).message}`, { cause: error });
    }
  });
  const figures = found.flatMap(({ text, places }) =>
    places.map(({ figure }) => JSON.parse(slice(text, figure))),
  );
  if (figures.length === 0) return { added: 0, missing: 0 };
  const pictures = await drawFigures(figures, { ...options, report });
  let next = 0;
  let added = 0;
  for (const { file, text, places } of found) {
    let result = text;
    // From the end, so that places before stay where they are.
    const own = pictures.slice(next, (next += places.length));
    for (const [i, { figure, indent }] of [...places.entries()].reverse()) {
      if (own[i] === undefined) continue;
      added++;
      const member = `,${indent}${JSON.stringify(PNG)}: ${JSON.stringify(own[i])}`;
      result = result.slice(0, figure.end) + member + result.slice(figure.end);
    }
    if (result !== text) replaceFile(file, result);
  }
  return { added, missing: figures.length - added };
}

/**
 * @param {string} text
 * @param {{ start: number, end: number }} place
 */
const slice = (text, { start, end }) => text.slice(start, end);

/**
 * A notebook is replaced as a whole or not at all.
 *
 * @param {string} file
 * @param {string} text
 */
export function replaceFile(file, text) {
  const part = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
  fs.writeFileSync(part, text);
  fs.renameSync(part, file);
}

/**
 * @param {string} text a notebook
 * @returns {{ figure: { start: number, end: number }, indent: string }[]} the figures' places in the text, and
 * the white space before each member beside them
 */
function figuresWithoutPicture(text) {
  JSON.parse(text); // says what is wrong with a file that is no notebook
  const start = text.search(/\S/);
  const places = [];
  for (const cell of membersOf(text, start, 'cells')) {
    for (const output of membersOf(text, cell.start, 'outputs')) {
      const data = membersAt(text, output.start).find(({ key }) => key === 'data');
      if (!data) continue;
      const types = membersAt(text, data.start);
      const figure = types.find(({ key }) => key === PLOTLY);
      if (!figure || types.some(({ key }) => key === PNG)) continue;
      const before = text.slice(data.start + 1, figure.begin);
      places.push({ figure, indent: /\s*$/.exec(before)?.[0] ?? '' });
    }
  }
  return places;
}

/**
 * Draws plotly figures as PNG files, each in the size that its layout gives.
 *
 * @param {readonly any[]} figures `{ data, layout, config }`
 * @param {FigureOptions} options
 * @returns {Promise<(string | undefined)[]>} base64; undefined for what could not be drawn, which is reported
 */
export async function drawFigures(figures, options) {
  const { root, env = process.env, scale = 1 } = options;
  const { report = (text) => void process.stderr.write(`${text}\n`) } = options;
  const none = figures.map(() => undefined);
  const chromium = findChromium(env);
  if (chromium === undefined) {
    report(`Figures stay without a picture: no Chromium in PATH or MSL_CHROMIUM.`);
    return none;
  }
  const plotly = installed(root, 'plotly.js-dist-min');
  if (plotly === undefined) {
    report('Figures stay without a picture: plotly.js-dist-min is not installed.');
    return none;
  }
  try {
    return await withPage(chromium, async (evaluate) => {
      await evaluate(`${fs.readFileSync(path.join(plotly.folder, 'plotly.min.js'), 'utf8')}\n;0`);
      const pictures = [];
      for (const [i, { data, layout = {}, config = {} }] of figures.entries()) {
        const width = layout.width ?? SIZE.width;
        const height = layout.height ?? SIZE.height;
        const figure = JSON.stringify({ data, layout: { ...layout, width, height }, config });
        const size = JSON.stringify({ format: 'png', width, height, scale });
        try {
          const url = String(await evaluate(`Plotly.toImage(${figure}, ${size})`));
          pictures.push(await smaller(url.slice(url.indexOf(',') + 1)));
        } catch (error) {
          report(`Figure ${i + 1} stays without a picture: ${/** @type {Error} */ (error).message}`);
          pictures.push(undefined);
        }
      }
      return pictures;
    });
  } catch (error) {
    report(`Figures stay without a picture: ${chromium}: ${/** @type {Error} */ (error).message}`);
    return none;
  }
}

/**
 * The picture with a palette of 256 colours, which a figure seldom exceeds: a third of the bytes.
 *
 * @param {string} picture base64
 */
async function smaller(picture) {
  const { default: sharp } = await import('sharp');
  const bytes = await sharp(Buffer.from(picture, 'base64')).png({ palette: true, effort: 10 }).toBuffer();
  return bytes.toString('base64');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { parseArgs } = await import('node:util');
  const { values, positionals } = parseArgs({
    options: { scale: { type: 'string' } },
    allowPositionals: true,
  });
  const root = fileURLToPath(new URL('../..', import.meta.url));
  try {
    const { added, missing } = await addPictures(positionals, { root, scale: Number(values.scale ?? 1) });
    console.log(`${added} figures got a picture${missing === 0 ? '' : `, ${missing} have none`}`);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}

import { notebookKernel, type Displayable, type Rich } from './kernel.ts';

/** Outside a notebook the text itself, as it would be printed. */
const plain = (strings: TemplateStringsArray, ...values: readonly unknown[]): Displayable =>
  Object(String.raw({ raw: strings }, ...values)) as Displayable;

const template =
  (name: 'html' | 'md' | 'svg'): Rich['html'] =>
  (strings, ...values) =>
    (notebookKernel()?.rich?.[name] ?? plain)(strings, ...values);

/** HTML to be shown: ``html`<b>${name}</b>` ``. Values are not escaped; scripts run only in a trusted notebook. */
export const html: Rich['html'] = template('html');

/** Markdown to be shown, with formulas between dollar signs: ``md`**loss** ${loss.toFixed(3)}` ``. */
export const md: Rich['md'] = template('md');

/** A drawing to be shown: ``svg`<svg …>…</svg>` ``. */
export const svg: Rich['svg'] = template('svg');

/**
 * A picture to be shown: a file's path or its bytes; PNG, JPEG, GIF, WebP or SVG.
 *
 * @throws {TypeError} for anything else
 */
export const image: Rich['image'] = (source) =>
  notebookKernel()?.rich?.image(source) ?? { image: typeof source === 'object' ? '[bytes]' : source };

/** What Deno's kernel offers to write rich output: values that describe themselves, for `show` or a last expression. */
import { readFileSync } from 'node:fs';

import type { MimeBundle } from '../mimeBundle.ts';
import { imageBundle } from './images.ts';
import { DISPLAY } from './own.ts';

/** A value with representations of its own. */
export interface Displayable {
  readonly [DISPLAY]: () => MimeBundle;
}

type Template = (strings: TemplateStringsArray, ...values: readonly unknown[]) => Displayable;

const displayable = (bundle: MimeBundle): Displayable => ({ [DISPLAY]: () => bundle });

/** Missing values leave nothing. */
const filled = (value: unknown): string =>
  value === undefined || value === null ? '' : (value as { toString(): string }).toString();

/** A template tag: the text with its values filled in as they are (not escaped), under a media type. */
const template =
  (type: string): Template =>
  (strings, ...values) => {
    const text = strings.reduce((before, part, i) => before + filled(values[i - 1]) + part);
    return displayable({ [type]: text, 'text/plain': text });
  };

/** HTML: ``html`<b>${name}</b>` ``. Values are not escaped. Scripts run only in a trusted notebook. */
export const html: Template = template('text/html');

/** Markdown, with formulas between dollar signs: ``md`**loss** ${loss.toFixed(3)}` ``. */
export const md: Template = template('text/markdown');

/** A drawing: ``svg`<svg …>…</svg>` ``. */
export const svg: Template = template('image/svg+xml');

/**
 * A picture: a file's path or its bytes; PNG, JPEG, GIF, WebP or SVG.
 *
 * @throws {TypeError} for anything else
 */
export function image(source: string | URL | Uint8Array): Displayable {
  const bytes = source instanceof Uint8Array ? source : readFileSync(source);
  const bundle = imageBundle(bytes);
  if (!bundle) {
    const what = source instanceof Uint8Array ? `${source.length} bytes` : String(source);
    throw new TypeError(`image: ${what} is no PNG, JPEG, GIF, WebP or SVG`);
  }
  return displayable(bundle);
}

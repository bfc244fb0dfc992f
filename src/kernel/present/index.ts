/**
 * How values look in a notebook. They are known by their shape, so the kernel needs none of the packages they
 * come from.
 */
import util from 'node:util';

import type { MimeBundle } from '../output.ts';
import { figureBundle, isFigure, type FigureOptions } from './figures.ts';
import { frameBundle, isFrame, type TableOptions } from './frames.ts';
import { isTensor, tensorBundle } from './tensors.ts';

export interface PresentOptions extends TableOptions, FigureOptions {}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A value may describe itself, as in Deno's kernel: `[Symbol.for('Jupyter.display')]() { return bundle; }`. */
function ownBundle(value: unknown): MimeBundle | undefined {
  if (typeof value !== 'object' && typeof value !== 'function') return undefined;
  const describe = (value as Record<symbol, unknown> | null)?.[Symbol.for('Jupyter.display')];
  return typeof describe === 'function' ? (describe.call(value) as MimeBundle) : undefined;
}

/** The representations of a value. */
export function present(value: unknown, options: PresentOptions = {}): MimeBundle {
  const own = ownBundle(value);
  if (own) return own;
  if (isTensor(value)) return tensorBundle(value);
  if (isFrame(value)) return frameBundle(value, options);
  if (isFigure(value)) return figureBundle(value, options);
  if (value instanceof Uint8Array && PNG.equals(value.subarray(0, PNG.length))) {
    const size = options.width === undefined ? '' : ` width="${options.width}"`;
    const image = Buffer.from(value).toString('base64');
    return size === ''
      ? { 'image/png': image, 'text/plain': '[image]' }
      : {
          'image/png': image,
          'text/plain': '[image]',
          'text/html': `<img${size} src="data:image/png;base64,${image}">`,
        };
  }
  return { 'text/plain': util.inspect(value) };
}

/**
 * How values look in a notebook. They are known by their shape, so the kernel needs none of the packages they
 * come from.
 */
import type { MimeBundle } from '../mimeBundle.ts';
import { figureBundle, isFigure, type FigureOptions } from './figures.ts';
import { frameBundle, isFrame, type TableOptions } from './frames.ts';
import { imageBundle } from './images.ts';
import { ownBundle } from './own.ts';
import { plainBundle, type PlainOptions } from './plain.ts';
import { attempt } from './safe.ts';
import { tensorBundle } from './tensors.ts';
import { isTensor } from './tensorHead.ts';

export interface PresentOptions extends TableOptions, FigureOptions, PlainOptions {}

/**
 * The representations of a value, whatever it is; never throws. A value that describes itself asynchronously gives
 * a promise, which never rejects.
 */
export function describe(value: unknown, options: PresentOptions = {}): MimeBundle | Promise<MimeBundle> {
  return ownBundle(value, () => knownBundle(value, options)) ?? knownBundle(value, options);
}

/** The same at once: what describes itself asynchronously is shown as any other value. */
export function present(value: unknown, options: PresentOptions = {}): MimeBundle {
  const bundle = ownBundle(value, () => knownBundle(value, options));
  return bundle === undefined || bundle instanceof Promise ? knownBundle(value, options) : bundle;
}

/** The width that was asked for, as Jupyter's metadata of a picture. */
export function presentMetadata(bundle: MimeBundle, { width }: PresentOptions = {}): Record<string, unknown> {
  if (width === undefined) return {};
  const types = Object.keys(bundle).filter((type) => type.startsWith('image/'));
  return Object.fromEntries(types.map((type) => [type, { width }]));
}

function knownBundle(value: unknown, options: PresentOptions): MimeBundle {
  const known = attempt(() => {
    if (isTensor(value)) return tensorBundle(value);
    if (isFrame(value)) return frameBundle(value, options);
    if (isFigure(value)) return figureBundle(value, options);
    return value instanceof Uint8Array ? imageBundle(value) : undefined;
  }, undefined);
  return known ?? attempt(() => plainBundle(value, options), { 'text/plain': '[not readable]' });
}

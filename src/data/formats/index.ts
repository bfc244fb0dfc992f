/** The file formats of data sets, by the names that the manifest gives them. */
import { cifarBinary } from './cifarBinary.ts';
import { openIdx } from './idx.ts';
import { openSvhn } from './svhn.ts';
import type { Format } from './types.ts';

export const FORMATS = {
  /** Records of a label byte and the image's channels one after another. */
  'cifar-binary': cifarBinary(),
  /** The same with two labels; the class is the fine one, */
  'cifar-100-fine': cifarBinary({ count: 2, index: 1 }),
  /** or the coarse one. */
  'cifar-100-coarse': cifarBinary({ count: 2, index: 0 }),
  /** MATLAB files with `X` and `y`. */
  svhn: openSvhn,
  /** A file of images and one of labels. */
  idx: openIdx,
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

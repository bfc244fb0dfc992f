/** The file formats of data sets, by the names that the manifest gives them. */
import { cifarBinary, type LabelBytes, ONE_LABEL } from './cifarBinary.ts';
import { openIdx } from './idx.ts';
import { openSvhn } from './svhn.ts';
import type { Format } from './types.ts';

/** The labels in front of each image, of the formats whose files are records. */
const RECORDS = {
  'cifar-binary': ONE_LABEL,
  'cifar-100-fine': { count: 2, index: 1 },
  'cifar-100-coarse': { count: 2, index: 0 },
} as const satisfies Readonly<Record<string, LabelBytes>>;

export const FORMATS = {
  /** Records of a label byte and the image's channels one after another. */
  'cifar-binary': cifarBinary(RECORDS['cifar-binary']),
  /** The same with two labels; the class is the fine one, */
  'cifar-100-fine': cifarBinary(RECORDS['cifar-100-fine']),
  /** or the coarse one. */
  'cifar-100-coarse': cifarBinary(RECORDS['cifar-100-coarse']),
  /** MATLAB files with `X` and `y`. */
  svhn: openSvhn,
  /** A file of images and one of labels. */
  idx: openIdx,
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

/** The labels in front of each image of a format; `undefined` where its files are no records, one for each image. */
export function recordLabels(format: FormatName): LabelBytes | undefined {
  return Object.hasOwn(RECORDS, format) ? RECORDS[format as keyof typeof RECORDS] : undefined;
}

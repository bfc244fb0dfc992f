import type { Specification } from '../../experiments/index.ts';
import { whole } from '../format.ts';
import type { PublishedCounts } from '../study/publishedCounts.ts';
import type { RunRecord } from '../study/study.ts';

/** What is known of a part that published studies used, beside its size. */
interface KnownPart {
  /** Its test images, by which it is recognised. */
  readonly test: number;
  readonly words: string;
}

/** By the names of the data sets. */
const KNOWN: Readonly<Record<string, KnownPart>> = {
  svhn: {
    test: 5000,
    words:
      'The test digits are official crops; the training digits were cropped again from the photographs (median difference from the official crops: 0.2 grey ' +
      'levels), so that the two come from different croppers.',
  },
  cifar100: {
    test: 5000,
    words: 'The part has 200 training and 50 test images of each class.',
  },
  gender: {
    test: 500,
    words:
      'It is a part of FairFace: adults only, as many of either label, made smaller from 224 × 224 pixels before it was imported.',
  },
};

/** What is known of the images of a run, a sentence; nothing for those of which nothing is. */
export function partWords({ spec, summary }: RunRecord): string[] {
  const { dataset } = spec as Specification;
  const known = Object.hasOwn(KNOWN, dataset) ? KNOWN[dataset] : undefined;
  return known?.test === summary.test.n ? [known.words] : [];
}

/** `73,257 and 26,032`. */
export function countsText({ train, test }: PublishedCounts): string {
  return `${whole(train)} and ${whole(test)}`;
}

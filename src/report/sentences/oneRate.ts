import { atOneRate } from '../comparisons/oneRate.ts';
import { differenceText, inWords, listing } from '../format.ts';
import type { StudyRecords } from '../study/study.ts';

/** {@link atOneRate} in words, e.g. `+0.80 points (+0.31 to +1.29) at 0.307, six seeds`; empty where there is none. */
export function atOneRateText(study: StudyRecords): string {
  return listing(
    atOneRate(study).map(({ rate, comparison: { difference, differences, statistics } }) => {
      const n = differences.length;
      const seeds = `${inWords(n)} ${n === 1 ? 'seed' : 'seeds'}`;
      return `${differenceText(difference!, statistics?.t)} at ${rate}, ${seeds}`;
    }),
  );
}

/** {@link atOneRateText} as a sentence; none where there are no such runs. */
export function atOneRateSentences(study: StudyRecords): string[] {
  const text = atOneRateText(study);
  return text === ''
    ? []
    : [`Exploratory, at one learning rate for both (below zero MSL has the lower error): ${text}.`];
}

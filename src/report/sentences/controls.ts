/** Whether what an arm gains is particular to it. */
import { comparisons } from '../comparisons/compare.ts';
import { inWords, listing, points } from '../format.ts';
import { hasBorrowedRate } from '../comparisons/oneRate.ts';
import { againstArm, baselineFor, type StudyRecords } from '../study/study.ts';

/** Arms that a sentence names at most. */
const NAMED = 5;

/**
 * Which of the other arms have as low a test error as an arm, or a lower one, at the seeds that both have: a sentence, which explores.
 * Arms with another baseline are left out. Nothing where there is none to compare.
 *
 * @param name of the arm; default the mixture separability loss
 */
export function asGood(study: StudyRecords, name = 'msl'): string[] {
  const arm = study.arms.find((one) => one.name === name);
  const gained = comparisons(study).find((one) => one.arm === arm)?.mean?.difference;
  if (arm === undefined || gained === undefined) return [];
  const baseline = baselineFor(study, arm);
  const rivals = study.arms
    .filter((other) => other !== arm && other !== baseline && baselineFor(study, other) === baseline)
    .filter((other) => !hasBorrowedRate(other))
    .map((other) => other.name);
  const compared = comparisons(againstArm(study, name)).flatMap((one) =>
    rivals.includes(one.arm.name) && one.mean !== null
      ? [{ title: one.arm.title, seeds: one.seeds.length, difference: one.mean.difference }]
      : [],
  );
  if (compared.length === 0) return [];
  const ahead = compared
    .filter(({ difference }) => difference <= 0)
    .sort((a, b) => a.difference - b.difference);
  const among =
    compared.length === 1
      ? 'the one other arm'
      : `${inWords(ahead.length)} of the ${inWords(compared.length)} other arms`;
  const had = `had as low a mean test error as ${arm.title}, or a lower one, at the seeds that both have`;
  if (ahead.length === 0) {
    return [
      compared.length === 1
        ? `Exploratory: ${compared[0]!.title} had a higher mean test error than ${arm.title} at the seeds that both have.`
        : `Exploratory: ${among} ${had}.`,
    ];
  }
  const named = ahead
    .slice(0, NAMED)
    .map(({ title, difference, seeds }) => `${title} (${points(difference)} points, n = ${seeds})`);
  const more = ahead.length > NAMED ? [`${inWords(ahead.length - NAMED)} more`] : [];
  const so =
    gained < 0 ? ` So a gain over ${baseline.title} of this size is not particular to ${arm.title}.` : '';
  return [`Exploratory: ${among} ${had}: ${listing([...named, ...more])}.${so}`];
}

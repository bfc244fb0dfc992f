import { binomialError, SEEDS_FOR_INTERVAL, wilsonInterval } from '../../measures/index.ts';
import { guessingError, type Comparison } from '../comparisons/compare.ts';
import { testErrorComparisons, type TestErrorComparison } from '../comparisons/comparisonFamilies.ts';
import { SATURATED_BELOW, saturations, type Saturation } from '../comparisons/saturation.ts';
import {
  capitalised,
  inWords,
  listing,
  percentage,
  points,
  pointsInterval,
  pValue,
  range,
  seedsText,
  threeDigits,
  whole,
} from '../format.ts';
import { familyOf } from '../study/primary.ts';
import { armSettings, settingsBesideLoss } from '../study/settings.ts';
import {
  armsWithRuns,
  baselineFor,
  comparedArms,
  finishedRunsOf,
  imagesText,
  runsOf,
  seedsOf,
  type Arm,
  type StudyRecords,
} from '../study/study.ts';
import { separabilityByTap } from './separabilityByTap.ts';

/** What the numbers say in words, whichever way they point. Each is a list of complete sentences. */
export interface Findings {
  /** What was trained and measured. */
  readonly measured: readonly string[];
  /** The test error of each arm against the baseline's. */
  readonly result: readonly string[];
  /** How far the gradient at the logits faded. */
  readonly saturation: readonly string[];
  /** How separable the classes are at the taps. */
  readonly separability: readonly string[];
}

/** What must stand beside every result. */
export const RECONSTRUCTION =
  'The loss is a reconstruction: of the paper (Do, Jin, Kim and Nguyen, “Mixture separability loss in a deep ' +
  'convolutional network for image classification”, IET Image Processing 13(1), 2019) only the abstract could be read. ' +
  'Formula, network and schedule are this project’s reading of it, and none of the numbers here is the paper’s.';

/** The sentences that describe a study's result. */
export function findings(study: StudyRecords): Findings {
  return {
    measured: measured(study),
    result: results(study),
    saturation: saturation(study),
    separability: separabilityByTap(study),
  };
}

function measured(study: StudyRecords): string[] {
  const seeds = seedsOf(study);
  const runs = study.arms.flatMap((arm) => finishedRunsOf(study, arm));
  const [run] = runs;
  if (run === undefined) return ['No run has finished, so there is nothing to compare.'];
  const { test } = run.summary;
  const trained = armsWithRuns(study);
  const arms = listing(trained.map((arm) => arm.title));
  const counts = trained.map((arm) => runsOf(study, arm).length);
  const times = Math.max(...counts) === 1 ? 'once' : `${range(counts, inWords)} times`;
  const each = trained.length === 1 ? '' : ' each';
  const shared = sharedByArms(study);
  const pairing = shared.length === 0 ? '' : `, the arms of a seed ${listing(shared)}`;
  const epochs = runs.map(({ summary }) => summary.epochs);
  return [
    `A network was trained with ${arms}, ${times}${each} (${seedsText(seeds)})${pairing}. Each ` +
      `saw ${imagesText(runs, 'train')} training images for ${range(epochs, inWords)} ${Math.max(...epochs) === 1 ? 'epoch' : 'epochs'} and was ` +
      `then tested once, on ${imagesText(runs, 'test')} images it had not seen.`,
    toldBy(test),
  ];
}

/** How far so many test images tell an error. A standard error is 0 where none or all of them were mistaken, and would be wrong. */
function toldBy({ error, n }: Readonly<{ error: number; n: number }>): string {
  const deviation = binomialError(error, n);
  if (deviation > 0) {
    return `So many images tell an error to ±${percentage(deviation)} points (one standard error), whatever the seeds do.`;
  }
  const [lower, upper] = wilsonInterval(error * n, n).map(percentage);
  return (
    `So many images, ${error === 0 ? 'none' : 'all'} of them mistaken, leave an error between ${lower} % and ${upper} % possible ` +
    '(95 %), whatever the seeds do.'
  );
}

/** What the runs of a seed have in common, as far as no setting in which the arms differ changes it. */
function sharedByArms(study: StudyRecords): string[] {
  if (armsWithRuns(study).length === 1) return [];
  const different = armSettings(study).flatMap(({ path, differs }) => (differs ? [path] : []));
  const isSame = (paths: RegExp): boolean => !different.some((path) => paths.test(path));
  return [
    ...(isSame(/^(dataset|network)(\.|$)/) ? ['from the same first weights'] : []),
    ...(isSame(/^(dataset|split|sampler)(\.|$)/) ? ['with the images in the same order'] : []),
  ];
}

/** Of each arm its own sentences, and at the end what holds for several. */
function results(study: StudyRecords): string[] {
  const compared = testErrorComparisons(study);
  const small = compared.filter(({ mean, statistics }) => mean !== null && statistics === undefined);
  if (small.length < 2) return compared.flatMap((comparison) => result(study, comparison));
  const counts = [...new Set(small.map(({ differences }) => differences.length))];
  return [
    ...compared.flatMap((comparison) => result(study, comparison, small.includes(comparison))),
    ...counts.map((n) => {
      const arms = small.flatMap(({ arm, differences }) => (differences.length === n ? [arm.title] : []));
      return tooFew(n, small.length === compared.length && counts.length === 1 ? '' : ` on ${listing(arms)}`);
    }),
  ];
}

/** Below six seeds nothing is tested. */
function tooFew(n: number, on = ''): string {
  return (
    `${capitalised(inWords(n))} ${n === 1 ? 'seed is' : 'seeds are'} too few for a claim${on} either way: below ` +
    `${inWords(SEEDS_FOR_INTERVAL)}, each difference and the mean are shown, no interval and no test.`
  );
}

/** @param isToldBelow whether a sentence for several arms says that its seeds are too few */
function result(study: StudyRecords, comparison: TestErrorComparison, isToldBelow = false): string[] {
  const { arm, baseline, differences, mean, statistics, primary } = comparison;
  const n = differences.length;
  const sentences: string[] = [];
  if (mean === null) {
    sentences.push(
      `There is no seed at which both ${arm.title} and ${baseline.title} finished, so their test errors cannot be compared.`,
    );
  } else {
    sentences.push(direction(comparison, mean), ...inImages(study, comparison, mean.difference));
    if (statistics === undefined) {
      if (!isToldBelow) sentences.push(tooFew(n));
    } else {
      const { t, bca, signFlipP, smallestP } = statistics;
      const test =
        signFlipP === null
          ? ''
          : `; the exact sign-flip test gives p = ${threeDigits(signFlipP)} (${inWords(n)} seeds cannot give less than ${threeDigits(smallestP)})`;
      sentences.push(
        `The difference has the 95 % interval ${pointsInterval(t)} points (t; BCa bootstrap ${pointsInterval(bca)})${test}. ` +
          (primary
            ? `This is the study’s primary comparison${correctedText(study, comparison)}.`
            : 'This comparison explores: it suggests, and proves nothing.'),
      );
    }
  }
  return [...sentences, ...besidesTheLoss(study, comparison), ...leftOut(study, comparison)];
}

function besidesTheLoss(study: StudyRecords, comparison: Comparison): string[] {
  const different = settingsBesideLoss(study, comparison).map(
    ({ name, values }) =>
      `${name} (${listing(Object.entries(values).map(([title, value]) => `${value} with ${title}`))})`,
  );
  return different.length === 0
    ? []
    : [
        `Besides the loss the two differ in ${listing(different)}, so that the difference is not that of the loss alone.`,
      ];
}

/** What is left of the p of a primary comparison that is corrected with others. */
function correctedText(study: StudyRecords, { holmP }: Pick<TestErrorComparison, 'holmP'>): string {
  const others = familyOf(study);
  if (others.length === 0 || holmP === null) return '';
  const missing = others.filter((p) => p === null).length;
  const counted =
    missing === 0
      ? ''
      : `, ${inWords(missing)} of which ${missing === 1 ? 'is' : 'are'} missing and ${missing === 1 ? 'counts' : 'count'} as p = 1`;
  return `; corrected over the ${inWords(others.length + 1)} data sets${counted}, its p is ${pValue(holmP)}`;
}

function direction(comparison: Comparison, mean: NonNullable<Comparison['mean']>): string {
  const { arm, baseline, lower, higher, equal, differences } = comparison;
  const n = differences.length;
  const levels = `${percentage(mean.arm)} % against ${percentage(mean.baseline)} %`;
  const everywhere = n === 1 ? 'the one seed' : n === 2 ? 'both seeds' : `all ${inWords(n)} seeds`;
  if (equal === n)
    return `${arm.title} had the same test error as ${baseline.title} in ${everywhere}: ${percentage(mean.arm)} %.`;
  if (lower === n || higher === n) {
    const average = n === 1 ? '' : ' on average';
    return (
      `${arm.title} had the ${lower === n ? 'lower' : 'higher'} test error in ${everywhere}, by ` +
      `${size(mean.difference)}${average} (${levels}).`
    );
  }
  const counts = [
    lower > 0 ? `lower in ${lower}` : '',
    higher > 0 ? `higher in ${higher}` : '',
    equal > 0 ? `the same in ${equal}` : '',
  ].filter((part) => part !== '');
  const average =
    Math.abs(mean.difference) < 1e-9
      ? `on average there was no difference (${percentage(mean.arm)} %)`
      : `on average it was ${size(mean.difference)} ${mean.difference < 0 ? 'lower' : 'higher'} (${levels})`;
  return `Compared with ${baseline.title}, the test error of ${arm.title} was ${listing(counts)} of ${inWords(n)} seeds; ${average}.`;
}

/** Below so many test images a difference is told in images, too: a few of them make a point. */
const FEW_IMAGES = 2000;

/** `That is a difference of 6.1 of the 500 test images.` */
function inImages(study: StudyRecords, { arm }: Comparison, difference: number): string[] {
  const n = finishedRunsOf(study, arm)[0]?.summary.test.n ?? Infinity;
  const images = (Math.abs(difference) * n).toFixed(1);
  return n >= FEW_IMAGES || Number(images) === 0
    ? []
    : [`That is a difference of ${images} of the ${whole(n)} test images.`];
}

/** A difference in points without its sign. */
function size(difference: number): string {
  const rounded = percentage(Math.abs(difference));
  return Number(rounded) === 0 ? 'less than 0.01 points' : `${rounded} points`;
}

function leftOut(study: StudyRecords, comparison: Comparison): string[] {
  const { arm, baseline, diverged, missing, worstCase } = comparison;
  const sentences: string[] = [];
  const where = [
    diverged.arm.length > 0 ? `${arm.title} diverged at ${seedsText(diverged.arm)}` : '',
    diverged.baseline.length > 0 ? `${baseline.title} diverged at ${seedsText(diverged.baseline)}` : '',
  ].filter((part) => part !== '');
  if (where.length > 0) {
    const several = diverged.arm.length + diverged.baseline.length > 1;
    sentences.push(
      `${listing(where)}; ${several ? 'these seeds are' : 'this seed is'} left out of both arms.` +
        (worstCase === undefined
          ? ''
          : ` With a diverged run counted as guessing (${percentage(guessingError(study))} % error) the mean difference is ` +
            `${points(worstCase)} points.`),
    );
  }
  if (missing.length > 0) {
    sentences.push(
      `${capitalised(seedsText(missing))} ${missing.length === 1 ? 'is' : 'are'} not finished in both arms yet and ` +
        `${missing.length === 1 ? 'is' : 'are'} left out.`,
    );
  }
  return sentences;
}

function saturation(study: StudyRecords): string[] {
  const arms = saturations(study);
  if (arms.length === 0) return ['Saturation needs a finished run of two epochs or more; there is none.'];
  const of = (arm: Arm) => arms.find((one) => one.arm.name === arm.name);
  const lacking = study.arms.filter((arm) => of(arm) === undefined).map(({ title }) => title);
  const each = arms.map(
    ({ arm, first, last }) =>
      `from ${threeDigits(first)} to ${threeDigits(last)} (${shareOf(last / first)}) with ${arm.title}`,
  );
  return [
    `From the first to the last epoch the gradient norm at the logits, a mean over the epoch’s training batches, went ${listing(each)}.`,
    ...verdicts(
      comparedArms(study).flatMap((arm) => {
        const [own, baseline] = [of(arm), of(baselineFor(study, arm))];
        return own && baseline ? [[baseline, own] as const] : [];
      }),
    ),
    ...(lacking.length === 0
      ? []
      : [`Without a finished run of two epochs or more, and so not compared: ${listing(lacking)}.`]),
    `(Saturated means here: below ${100 * SATURATED_BELOW} % of the first epoch’s. The norm is that of cross-entropy’s gradient; ` +
      'what MSL itself sends back enters at the taps and is not in it.)',
  ];
}

function shareOf(share: number): string {
  return share < 0.1 ? `${(share * 100).toPrecision(2)} % of it` : `${Math.round(share * 100)} % of it`;
}

/** A baseline and an arm. */
type Pair = readonly [baseline: Saturation, other: Saturation];

/** A sentence for each arm, but one for all that came to the same beside the same baseline. */
function verdicts(pairs: readonly Pair[]): string[] {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const [baseline, other] = pair;
    const key =
      baseline.saturated === other.saturated ? `${baseline.arm.name} ${baseline.saturated}` : other.arm.name;
    groups.set(key, [...(groups.get(key) ?? []), pair]);
  }
  return [...groups.values()].map((group) =>
    group.length === 1 ? verdict(...group[0]!) : sharedVerdict(group),
  );
}

function sharedVerdict(group: readonly Pair[]): string {
  const [[baseline]] = group as [Pair];
  const others = group.map(([, { arm }]) => arm.title);
  const all = listing([baseline.arm.title, ...others]);
  const compared = `it ended ${listing(group.map((pair) => sizeText(...pair)))} as with ${baseline.arm.title}`;
  return baseline.saturated
    ? `${all} all saturated: none of the others prevented it; ${compared}.`
    : `None of ${all} saturated, so these runs cannot show whether ${others.slice(0, -1).join(', ')} or ${others.at(-1)!} prevents it; ${compared}.`;
}

/** `2.00 times as large with CE + MSL` */
function sizeText(baseline: Saturation, { arm, last }: Saturation): string {
  const ratio = last / baseline.last;
  const size = ratio >= 0.95 && ratio <= 1.05 ? 'about' : `${threeDigits(ratio)} times`;
  return `${size} as large with ${arm.title}`;
}

function verdict(baseline: Saturation, other: Saturation): string {
  // The abstract speaks of the loss, not of other remedies.
  const isLoss = other.arm.name === 'msl';
  const compared = `it ended ${sizeText(baseline, other)} as with ${baseline.arm.title}`;
  if (baseline.saturated && other.saturated) {
    return `Both saturated: ${other.arm.title} did not prevent it; ${compared}.`;
  }
  if (baseline.saturated) {
    const abstract = isLoss ? ', which is what the paper’s abstract describes' : '';
    return `${baseline.arm.title} saturated and ${other.arm.title} did not${abstract}; ${compared}.`;
  }
  if (other.saturated) {
    const abstract = isLoss ? ', the opposite of what the paper’s abstract describes' : '';
    return `${other.arm.title} saturated and ${baseline.arm.title} did not${abstract}; ${compared}.`;
  }
  return `Neither saturated, so these runs cannot show whether ${other.arm.title} prevents it; ${compared}.`;
}

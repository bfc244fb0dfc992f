import type { EpochRecord } from '../../experiments/index.ts';
import { SEEDS_FOR_INTERVAL } from '../../measures/index.ts';
import { comparisons, type Comparison } from '../comparisons/compare.ts';
import { SATURATED_BELOW, saturations, type Saturation } from '../comparisons/saturation.ts';
import { lossesBeside, lossTitle } from '../figures/index.ts';
import { differenceText, inWords, listing, points, threeDigits, whole } from '../format.ts';
import { finishedRunsOf, meanOrNull, type Arm, type Setting, type StudyRecords } from '../study/study.ts';
import { weightShares } from '../study/weightShares.ts';

type Probes = NonNullable<EpochRecord['probes']>;

/** The probability at which tfjs-layers clips: `epsilon()` of its backend. */
const CLIP = 1e-7;

/** Beyond this cosine two gradients pull the same way, or against each other; a reading aid, no test. */
const ALIGNED = 0.1;

/** What probes saw while an arm was trained, in words. Each is a list of complete sentences, empty where there is nothing to say. */
export interface SaturationFindings {
  /** Whom cross-entropy still taught at the end. */
  readonly samples: readonly string[];
  /** What of each loss arrived at the taps. */
  readonly taps: readonly string[];
  /** Whether the losses pulled the weights the same way. */
  readonly pull: readonly string[];
  /** How much of the gradient of the weights each loss gave at the end. */
  readonly weights: readonly string[];
  /** Whether a cross-entropy that clips probabilities would have cut gradients. */
  readonly clipped: readonly string[];
}

/** The sentences that describe what the probes of a study saw; means over an arm's finished runs. */
export function saturationFindings(study: StudyRecords): SaturationFindings {
  const arms = study.arms.flatMap((arm) => {
    const looks = looksOf(study, arm);
    return looks.length < 2 ? [] : [{ arm, first: looks[0]!, last: looks.at(-1)!, looks }];
  });
  return {
    samples: arms.length === 0 ? [] : samples(arms),
    taps: arms.flatMap((look) => lossesBeside(study, look.arm.name).flatMap((loss) => taps(look, loss))),
    pull: arms.flatMap((look) => lossesBeside(study, look.arm.name).map((loss) => pull(look, loss))),
    weights: arms.flatMap((look) =>
      lossesBeside(study, look.arm.name).flatMap((loss) => weights(look, loss)),
    ),
    clipped: arms.length === 0 ? [] : [clipped(arms, study.classes.length)],
  };
}

/** An epoch of an arm that was looked at in its finished runs. */
interface Look {
  readonly epoch: number;
  readonly probes: readonly Probes[];
}

/** Mean over the runs. */
function average({ probes }: Look, measure: (probes: Probes) => number | undefined): number | null {
  return meanOrNull(probes.map(measure));
}

interface ArmLooks {
  readonly arm: Arm;
  readonly first: Look;
  readonly last: Look;
  readonly looks: readonly Look[];
}

function looksOf(study: StudyRecords, arm: Arm): Look[] {
  const records = finishedRunsOf(study, arm).flatMap((run) => run.epochs);
  const epochs = [...new Set(records.flatMap(({ epoch, probes }) => (probes ? [epoch] : [])))];
  return epochs
    .sort((a, b) => a - b)
    .map((epoch) => ({
      epoch,
      probes: records.flatMap((record) => (record.epoch === epoch && record.probes ? [record.probes] : [])),
    }));
}

function samples(arms: readonly ArmLooks[]): string[] {
  const share = ({ last }: ArmLooks, threshold: string) =>
    percent(average(last, ({ saturated }) => saturated[threshold]));
  return [
    'When the probes looked last, the gradient at the logits was below 0.1 for ' +
      `${listing(arms.map((look) => `${share(look, '0.1')} of the samples with ${look.arm.title}`))}, and below 0.01 for ` +
      `${listing(arms.map((look) => share(look, '0.01')))}.`,
  ];
}

function taps({ arm, first, last }: ArmLooks, loss: string): string[] {
  const norm = (look: Look, point: string, of: string) =>
    average(look, ({ gradientNorms }) => gradientNorms[point]?.[of]) ?? 0;
  const points = first.probes.flatMap(({ gradientNorms }) => Object.keys(gradientNorms));
  const reached = [...new Set(points)].filter((point) => norm(first, point, loss) > 0);
  if (reached.length === 0) return [];
  const name = lossTitle(loss);
  const left = (of: string) => reached.map((point) => norm(last, point, of) / norm(first, point, of));
  const ratio = (look: Look) =>
    reached.map((point) => norm(look, point, loss) / norm(look, point, 'crossEntropy'));
  const [own, crossEntropy] = [left(loss), left('crossEntropy')];
  const outlasted = own.filter((share, i) => share > crossEntropy[i]!).length;
  const list = (shares: readonly number[]) => listing(shares.map((share) => percent(share)));
  return [
    `With ${arm.title}, from the first look (epoch ${first.epoch}) to the last (epoch ${last.epoch}), cross-entropy’s gradient at ` +
      `${listing(reached)} went to ${list(crossEntropy)} of what it was, and that of ${name} to ${list(own)}: ${name} outlasted ` +
      `cross-entropy at ${inWords(outlasted)} of ${inWords(reached.length)}.`,
    `Beside cross-entropy’s it was ${list(ratio(first))} as long at first, and ${list(ratio(last))} at last.`,
  ];
}

function pull({ arm, looks, first, last }: ArmLooks, loss: string): string {
  const cosine = (look: Look) => average(look, ({ cosines }) => cosines[loss]) ?? 0;
  const mean = looks.reduce((sum, look) => sum + cosine(look), 0) / looks.length;
  const above = looks.filter((look) => cosine(look) > 0).length;
  const way =
    mean > ALIGNED
      ? 'pointed more with it than against it'
      : mean < -ALIGNED
        ? 'pointed more against it than with it'
        : 'pointed neither with nor against it';
  return (
    `With ${arm.title}, on the weights that cross-entropy reaches too, ${lossTitle(loss)}’s gradient ${way}: the cosine of the two was ` +
    `${threeDigits(cosine(first))} at first, ${threeDigits(cosine(last))} at last and ${threeDigits(mean)} on average, above zero in ${above} of ` +
    `${looks.length} epochs.`
  );
}

function weights({ arm, last }: ArmLooks, loss: string): string[] {
  const shares = weightShares(last.probes, loss);
  if (shares.length === 0) return [];
  const sizes = shares.map(({ share }) => share);
  const [low, high] = [percent(Math.min(...sizes)), percent(Math.max(...sizes))];
  return [
    `With ${arm.title}, at the last look (epoch ${last.epoch}) ${lossTitle(loss)} gave ${low === high ? low : `${low} to ${high}`} of the gradient of the ` +
      `weights in the layers that it reaches (${listing(shares.map(({ layer, share }) => `${layer} ${percent(share)}`))}); the rest is that of ` +
      'the losses beside it, cross-entropy first.',
  ];
}

function clipped(arms: readonly ArmLooks[], classes: number): string {
  const quantiles = (p: string) =>
    arms.flatMap(({ looks }) => looks.flatMap((look) => average(look, ({ margins }) => margins[p]) ?? []));
  const [low, high] = [Math.min(...quantiles('0.05')), Math.max(...quantiles('0.95'))];
  const limit = Math.log((1 - CLIP) / CLIP);
  // The others' logits together may outweigh the label's before the largest of them does.
  const earliest = limit - Math.log(Math.max(1, classes - 1));
  const touched = low < -earliest || high > limit;
  return (
    `The margins of nine in ten samples lay between ${threeDigits(low)} and ${threeDigits(high)} in every epoch. The clip is felt below ` +
    `−${threeDigits(earliest)} at the earliest (${inWords(classes)} classes) and above ${threeDigits(limit)}, so ` +
    (touched
      ? 'the clipped form would have cut gradients here.'
      : 'the clipped form would have changed nothing for these; of the others the quantiles do not tell.')
  );
}

/**
 * Where cross-entropy saturated, where the other arm did not, and what that did to the test error. Settings of fewer than six seeds are
 * shown as the samples that they are, and not counted.
 */
export function settingsFindings(settings: readonly Setting[]): string[] {
  const judged = settings.flatMap((setting) => judge(setting));
  if (judged.length === 0) return ['No setting has finished runs of both arms.'];
  const left = settings.filter(({ label }) => !judged.some((one) => one.label === label));
  const [counted, samples] = [true, false].map((isCounted) =>
    judged.filter(({ statistics }) => (statistics !== undefined) === isCounted),
  ) as [Judged[], Judged[]];
  return [
    ...(left.length === 0
      ? []
      : [
          `Left out, without finished runs of both arms at a seed: ${listing(left.map(({ label }) => label))}.`,
        ]),
    ...countedSentences(counted),
    ...(samples.length === 0
      ? []
      : [
          `Below ${inWords(SEEDS_FOR_INTERVAL)} seeds, and so shown and not counted: ${samples.map(sampleText).join('; ')}.`,
        ]),
  ];
}

/** What a setting's two arms came to. */
interface Judged {
  readonly label: string;
  readonly baseline: Saturation;
  readonly other: Saturation;
  readonly difference: number;
  readonly statistics: Comparison['statistics'];
  readonly seeds: number;
  /** Training images. */
  readonly images: number;
}

function judge({ label, study }: Setting): Judged[] {
  const [comparison] = comparisons(study);
  const of = (name: string | undefined) => saturations(study).find(({ arm }) => arm.name === name);
  const [baseline, other] = [of(comparison?.baseline.name), of(comparison?.arm.name)];
  if (!baseline || !other || !comparison?.mean) return [];
  const { statistics, seeds, mean } = comparison;
  const images = finishedRunsOf(study, comparison.arm)[0]!.summary.train.n;
  return [{ label, baseline, other, difference: mean.difference, statistics, seeds: seeds.length, images }];
}

function countedSentences(counted: readonly Judged[]): string[] {
  const [first] = counted;
  if (first === undefined) return [];
  const [ce, msl] = [first.baseline.arm.title, first.other.arm.title];
  const among = (of: readonly Judged[]) =>
    of.length === 0 ? '' : ` (${listing(of.map(({ label }) => label))})`;
  const saturated = counted.filter(({ baseline }) => baseline.saturated);
  const prevented = saturated.filter(({ other }) => !other.saturated);
  return [
    `${ce} saturated (the gradient at the logits ended below ${100 * SATURATED_BELOW} % of the first epoch’s) in ` +
      (counted.length === 1
        ? `${saturated.length === 1 ? 'the one setting' : 'none'} with so many seeds${among(counted)}.`
        : `${inWords(saturated.length)} of ${inWords(counted.length)} settings${among(saturated)}.`),
    ...(saturated.length === 0
      ? []
      : [`With ${msl} ${inWords(prevented.length)} of these stayed above that${among(prevented)}.`]),
    `The test error of ${msl} minus that of ${ce}, with its 95 % interval (t): ` +
      `${listing(counted.map(({ label, difference, statistics, seeds }) => `${differenceText(difference, statistics?.t)} ${label} (n = ${seeds})`))}.`,
  ];
}

/** `plain (n = 1, 500 training images): CE saturated, CE + MSL did not; +2.00 points`. */
function sampleText({ label, baseline, other, difference, seeds, images }: Judged): string {
  const [ce, msl] = [baseline.arm.title, other.arm.title];
  const saturated =
    baseline.saturated === other.saturated
      ? `${baseline.saturated ? 'both' : 'neither'} saturated`
      : baseline.saturated
        ? `${ce} saturated, ${msl} did not`
        : `${msl} saturated, ${ce} did not`;
  return `${label} (n = ${seeds}, ${whole(images)} training images): ${saturated}; ${points(difference)} points`;
}

/** A share as a whole percentage, with a digit more below ten. */
function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return 'an unknown share';
  const size = 100 * Math.abs(share);
  return `${share < 0 ? '−' : ''}${size < 9.95 ? Number(size.toPrecision(2)) : Math.round(size)} %`;
}

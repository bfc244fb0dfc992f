/** What a study says about one sentence of the abstract, by a rule that is written down. */
import { pairedDifferences, SEEDS_FOR_INTERVAL, tInterval, type Interval } from '../../measures/index.ts';
import { saturations } from '../comparisons/saturation.ts';
import { listing, NOTHING, percentage, threeDigits } from '../format.ts';
import {
  finishedRunsOf,
  meanOrNull,
  pairedValues,
  tapsOf,
  type RunRecord,
  type StudyRecords,
} from '../study/study.ts';
import { weightShares } from '../study/weightShares.ts';

/** Whether a sentence held in a study; `null` where the study cannot say. */
export interface Evidence {
  readonly study: string;
  readonly holds: boolean | null;
  /** The numbers, from the records. */
  readonly numbers: string;
}

/** Training images count as classified from this accuracy on. */
export const CLASSIFIED_FROM = 0.99;

const [CE, MSL] = ['ce', 'msl'] as const;

/** What probes call the logits. */
const LOGITS = 'logits';

function armRuns(study: StudyRecords, name: string): RunRecord[] {
  const arm = study.arms.find((candidate) => candidate.name === name);
  return arm === undefined ? [] : finishedRunsOf(study, arm);
}

/** Both arms of the paper's question, where they have enough seeds; `undefined` elsewhere. */
function bothArms(study: StudyRecords): { ce: RunRecord[]; msl: RunRecord[] } | undefined {
  const [ce, msl] = [armRuns(study, CE), armRuns(study, MSL)];
  const shared = ce.filter(({ seed }) => msl.some((run) => run.seed === seed));
  return shared.length < SEEDS_FOR_INTERVAL ? undefined : { ce, msl };
}

/** Does the gradient of cross-entropy vanish once the training images are classified? */
export function saturationOfCrossEntropy(study: StudyRecords): Evidence | undefined {
  const both = bothArms(study);
  const ce = saturations(study).find(({ arm }) => arm.name === CE);
  if (both === undefined || ce === undefined) return undefined;
  const accuracy = meanOrNull(both.ce.map((run) => run.summary.train.accuracy))!;
  const numbers = `${percentage(accuracy)} %, ${threeDigits(100 * (ce.last / ce.first))} %`;
  return {
    study: study.name,
    holds: accuracy < CLASSIFIED_FROM ? null : ce.saturated,
    numbers,
  };
}

/** Does MSL keep the gradient at the logits from vanishing where cross-entropy alone lets it vanish? */
export function saturationPrevented(study: StudyRecords): Evidence | undefined {
  const both = bothArms(study);
  const arms = saturations(study);
  const [ce, msl] = [CE, MSL].map((name) => arms.find(({ arm }) => arm.name === name));
  if (both === undefined || ce === undefined || msl === undefined) return undefined;
  const share = ({ first, last }: typeof ce): string => `${threeDigits(100 * (last / first))} %`;
  return {
    study: study.name,
    holds: ce.saturated ? !msl.saturated : null,
    numbers: `${share(ce)}, ${share(msl)}`,
  };
}

/** Is the gradient that arrives at every tap in the last epoch longer with MSL, once the training images are classified? */
export function gradientsAtTaps(study: StudyRecords): Evidence | undefined {
  const both = bothArms(study);
  if (both === undefined) return undefined;
  const probed = both.msl.every((run) => run.epochs.at(-1)?.probes !== undefined);
  if (!probed) return undefined;
  const accuracy = meanOrNull(both.msl.map((run) => run.summary.train.accuracy))!;
  const taps = tapsOf(study).filter(
    (tap) => both.msl[0]!.epochs.at(-1)!.probes!.gradientNorms[tap] !== undefined,
  );
  const length = (run: RunRecord, tap: string): number | undefined => {
    const norms = run.epochs.at(-1)?.probes?.gradientNorms[tap];
    return norms?.['total'] ?? norms?.['crossEntropy'];
  };
  const compared = taps.map((tap) => paired(both, (run) => length(run, tap)));
  const numbers = compared.map(({ msl, ce }) => `${threeDigits(msl)} against ${threeDigits(ce)}`);
  return {
    study: study.name,
    holds: accuracy < CLASSIFIED_FROM || taps.length === 0 ? null : areAllAbove(compared),
    numbers: numbers.join(', '),
  };
}

/** How much of cross-entropy's gradient is left at the taps where training images are classified: the rule of saturation looks at the logits. */
export function leftAtTaps(study: StudyRecords): string[] {
  const runs = classified(study, CE);
  const taps = probedTaps(study, runs);
  if (taps.length === 0) return [];
  const left = (point: string): number => {
    const [first, last] = [0, -1].map((at) =>
      meanOrNull(runs.map((run) => run.epochs.at(at)?.probes?.gradientNorms[point]?.['crossEntropy'])),
    );
    return last! / first!;
  };
  const words = (point: string) =>
    `${threeDigits(100 * left(point))} % at ${point === LOGITS ? 'the logits' : point}`;
  const isMore = taps.every((tap) => left(tap) > left(LOGITS));
  const [how, points] = isMore ? ['more', taps] : ['not everywhere more', [...taps, LOGITS]];
  return [
    `At the layers ${how} of a sample’s gradient of cross-entropy is left than at the logits: in \`${study.name}\` ` +
      `${listing(points.map(words))}.`,
  ];
}

/** What part of the gradient is MSL's own, where training images are classified. */
export function shareOfLoss(study: StudyRecords): string[] {
  const runs = classified(study, MSL);
  const taps = probedTaps(study, runs);
  if (taps.length === 0) return [];
  const last = runs.map((run) => run.epochs.at(-1)!.probes!);
  const own = taps.map((tap) =>
    threeDigits(meanOrNull(last.map((probe) => probe.gradientNorms[tap]?.['msl'])) ?? 0),
  );
  const rest = taps.map((tap) => {
    const { msl, ce } = paired(
      { msl: runs, ce: armRuns(study, CE) },
      (run) => run.epochs.at(-1)?.probes?.gradientNorms[tap]?.['crossEntropy'],
    );
    return `${threeDigits(msl)} against ${threeDigits(ce)}`;
  });
  return [
    `MSL’s own gradient at the taps in the last epoch of \`${study.name}\` is ${listing(own)} long.`,
    ...shareOfWeightGradient(study),
    `Of cross-entropy’s alone a sample has in the two arms ${listing(rest)}.`,
  ];
}

/** What part of the weights' gradient is MSL's own, where training images are classified. */
export function shareOfWeightGradient(study: StudyRecords): string[] {
  const runs = classified(study, MSL);
  if (probedTaps(study, runs).length === 0) return [];
  const shares = weightShares(
    runs.map((run) => run.epochs.at(-1)!.probes!),
    'msl',
  ).map(({ share }) => share);
  if (shares.length === 0) return [];
  const ends = [Math.min(...shares), Math.max(...shares)].map((share) =>
    (100 * share).toPrecision(2).replace('-', '−'),
  );
  const percents = [...new Set(ends)];
  return [
    `In the last epoch of \`${study.name}\`, MSL gives ${percents.join(' to ')} % of the gradient of the weights that it reaches; ` +
      'cross-entropy gives the rest.',
  ];
}

/** The runs of an arm, where they are enough and have classified their training images. */
function classified(study: StudyRecords, name: string): RunRecord[] {
  const runs = armRuns(study, name);
  const accuracy = meanOrNull(runs.map((run) => run.summary.train.accuracy)) ?? 0;
  return runs.length < SEEDS_FOR_INTERVAL || accuracy < CLASSIFIED_FROM ? [] : runs;
}

/** The taps at which all of some runs were probed in the first epoch and in the last. */
function probedTaps(study: StudyRecords, runs: readonly RunRecord[]): string[] {
  if (runs.length === 0) return [];
  return tapsOf(study).filter((tap) =>
    runs.every((run) =>
      [0, -1].every((at) => run.epochs.at(at)?.probes?.gradientNorms[tap]?.['crossEntropy'] !== undefined),
    ),
  );
}

/** Is the between/within ratio on held-out images higher with MSL at every tap? */
export function higherRatio(study: StudyRecords): Evidence | undefined {
  return atEveryTap(study, 'betweenWithinRatio', threeDigits);
}

/** Is the nearest-neighbour accuracy on held-out images higher with MSL at every tap? */
export function higherNeighbourAccuracy(study: StudyRecords): Evidence | undefined {
  return atEveryTap(study, 'knnAccuracy', percentage);
}

function atEveryTap(
  study: StudyRecords,
  measure: 'knnAccuracy' | 'betweenWithinRatio',
  format: (value: number) => string,
): Evidence | undefined {
  const both = bothArms(study);
  const taps = tapsOf(study);
  if (both === undefined || taps.length === 0) return undefined;
  const compared = taps.map((tap) => paired(both, (run) => run.summary.taps[tap]?.[measure] ?? undefined));
  const above = compared.filter(({ interval }) => interval !== undefined && interval.low > 0).length;
  const shown = (value: number): string => (Number.isNaN(value) ? NOTHING : format(value));
  const numbers = compared.map(({ msl, ce }) => `${shown(msl)} against ${shown(ce)}`);
  return {
    study: study.name,
    holds: areAllAbove(compared),
    numbers: `${numbers.join(', ')}, so at ${above} of ${taps.length} taps`,
  };
}

/** Whether every interval lies above zero; `null` where none lies elsewhere and one is missing, for want of seeds at which both have a number. */
function areAllAbove(compared: readonly { readonly interval: Interval | undefined }[]): boolean | null {
  if (compared.some(({ interval }) => interval !== undefined && interval.low <= 0)) return false;
  return compared.every(({ interval }) => interval !== undefined) ? true : null;
}

/** Means and the t interval of the difference, MSL minus CE, at equal seeds. */
function paired(
  { ce, msl }: { readonly ce: readonly RunRecord[]; readonly msl: readonly RunRecord[] },
  value: (run: RunRecord) => number | undefined,
): { readonly msl: number; readonly ce: number; readonly interval: Interval | undefined } {
  const [a, b] = pairedValues(msl, ce, value);
  return {
    msl: meanOrNull(a) ?? NaN,
    ce: meanOrNull(b) ?? NaN,
    interval: a.length < SEEDS_FOR_INTERVAL ? undefined : tInterval([...pairedDifferences(a, b).differences]),
  };
}

import { markdown } from '../../../src/bench/table.ts';
import type { MachineRecord } from '../../../src/experiments/index.ts';
import { mean, pairedDifferences, standardDeviation } from '../../../src/measures/index.ts';
import type { Plan } from './training.ts';

/** Where and when a comparison was made. */
export interface Provenance {
  readonly schemaVersion: 1;
  readonly finishedAt: string;
  readonly environment: MachineRecord;
  readonly threads: number;
  readonly torchVersion: string;
  readonly plan: Plan;
}

/** Who is compared by losses: PyTorch in two memory formats, for how far apart two correct programs end. */
export const LOSS_SIDES = ['here', 'torch', 'torchChannelsLast'] as const;
export type LossSide = (typeof LOSS_SIDES)[number];

/** `bench/results/parity-losses.json` */
export interface LossesRecord extends Provenance {
  readonly losses: Readonly<Record<LossSide, readonly number[]>>;
}

/** Who is compared by test errors. */
export const ERROR_SIDES = ['float32', 'bfloat16', 'torch'] as const;
export type ErrorSide = (typeof ERROR_SIDES)[number];

/** `bench/results/parity-errors.json` */
export interface ErrorsRecord extends Provenance {
  readonly seeds: readonly number[];
  /** Share of test images, by seed. */
  readonly errors: Readonly<Record<ErrorSide, readonly number[]>>;
}

/** In the first ten steps rounding alone may make a difference. */
export const FIRST_STEPS = 10;
export const FIRST_BOUND = 1e-4;
/** Steps at the end over which differences are averaged: that of a single one is noise. */
export const LAST_STEPS = 50;
/** How often the spread between PyTorch's own two the project may be away from it. */
export const SPREADS = 2;
/** Within which the 95 % interval of a difference of test errors has to lie. */
export const ERROR_BOUND = 0.01;

/** How far apart two runs are: at most in the first steps, and on average in the last. */
export interface Distance {
  readonly first: number;
  readonly last: number;
}

export interface LossesComparison {
  readonly here: Distance;
  /** PyTorch in its two memory formats. */
  readonly torch: Distance;
  readonly held: boolean;
}

export function compareLosses({ losses }: LossesRecord): LossesComparison {
  const distance = (a: readonly number[], b: readonly number[]): Distance => {
    const differences = a.map((loss, i) => Math.abs(loss - b[i]!));
    return {
      first: Math.max(...differences.slice(0, FIRST_STEPS)),
      last: mean(differences.slice(-LAST_STEPS)),
    };
  };
  const here = distance(losses.here, losses.torch);
  const torch = distance(losses.torchChannelsLast, losses.torch);
  return { here, torch, held: here.first <= FIRST_BOUND && here.last <= SPREADS * torch.last };
}

/** The mean of paired differences `a - b` and its 95 % interval. */
export interface Interval {
  readonly a: ErrorSide;
  readonly b: ErrorSide;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly held: boolean;
}

/** Student's t for 95 %, by degrees of freedom. */
const T: Readonly<Record<number, number>> = {
  5: 2.570582,
  6: 2.446912,
  7: 2.364624,
  8: 2.306004,
  9: 2.262157,
};

/** @throws {RangeError} for other than 6 to 10 seeds */
export function compareErrors({ errors, seeds }: ErrorsRecord): Interval[] {
  const t = T[seeds.length - 1];
  if (t === undefined) throw new RangeError(`An interval is made of 6 to 10 seeds, not of ${seeds.length}.`);
  return (
    [
      ['float32', 'torch'],
      ['bfloat16', 'torch'],
      ['bfloat16', 'float32'],
    ] as const
  ).map(([a, b]) => {
    const { differences, mean } = pairedDifferences(errors[a], errors[b]);
    const half = (t * standardDeviation(differences)) / Math.sqrt(seeds.length);
    const [low, high] = [mean - half, mean + half];
    return { a, b, mean, low, high, held: low > -ERROR_BOUND && high < ERROR_BOUND };
  });
}

/** The comparison of losses for bench/README.md, in Markdown. */
export function lossesTable(record: LossesRecord): string {
  const { here, torch } = compareLosses(record);
  const steps = record.plan.steps;
  const number = (value: number) => value.toExponential(1);
  const verdict = (held: boolean) => (held ? 'held' : '**passed**');
  const table = markdown(
    ['losses of', `steps 1 to ${FIRST_STEPS}, largest`, `steps ${steps - LAST_STEPS + 1} to ${steps}, mean`],
    [
      ['this project against PyTorch', number(here.first), number(here.last)],
      ['PyTorch, channels_last against its default', number(torch.first), number(torch.last)],
      [
        'bound',
        `${number(FIRST_BOUND)}, ${verdict(here.first <= FIRST_BOUND)}`,
        `${number(SPREADS * torch.last)}, ${verdict(here.last <= SPREADS * torch.last)}`,
      ],
    ],
  );
  const ends = LOSS_SIDES.map((side) => mean(record.losses[side].slice(-LAST_STEPS)).toFixed(4)).join(', ');
  return (
    `${steps} steps (${planText(record.plan)}), differences of the losses, which fall from ` +
    `${record.losses.here[0]!.toFixed(2)} to ${ends} (this project, PyTorch, channels_last; mean of the last ` +
    `${LAST_STEPS}):\n\n${table}\n\n${provenance(record)}`
  );
}

/** The comparison of test errors for bench/README.md, in Markdown. */
export function errorsTable(record: ErrorsRecord): string {
  const percent = (share: number) => (100 * share).toFixed(2);
  const points = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(2)}`;
  const titles: Record<ErrorSide, string> = {
    float32: 'float32',
    bfloat16: 'bfloat16',
    torch: 'PyTorch, float32',
  };
  const bySeed = markdown(
    ['seed', ...ERROR_SIDES.map((side) => titles[side])],
    [
      ...record.seeds.map((seed, i) => [
        String(seed),
        ...ERROR_SIDES.map((side) => percent(record.errors[side][i]!)),
      ]),
      ['mean', ...ERROR_SIDES.map((side) => percent(mean(record.errors[side])))],
    ],
  );
  const intervals = markdown(
    ['difference, points', 'mean', '95 % interval', `within ±${100 * ERROR_BOUND}`],
    compareErrors(record).map(({ a, b, mean, low, high, held }) => [
      `${titles[a]} − ${titles[b]}`,
      points(mean),
      `${points(low)} to ${points(high)}`,
      held ? 'yes' : '**no**',
    ]),
  );
  const { steps, testImages } = record.plan;
  return (
    `Test error in %, of ${testImages} images after ${steps} steps (${planText(record.plan)}):\n\n${bySeed}\n\n` +
    `${intervals}\n\n${provenance(record)}`
  );
}

function planText({
  widths,
  images,
  batchSize,
  peak,
  momentum,
  weightDecay,
  separability,
  dropLast,
}: Plan): string {
  return (
    `vgg ${widths.join('-')}, ${images} images of CIFAR-10 in batches of ${batchSize}` +
    `${dropLast ? '' : ', the last of an epoch short'}; learning rate up to ${peak} and down to 0, momentum ${momentum}, ` +
    `weight decay ${weightDecay} on kernels, MSL with weight ${separability} on three stages`
  );
}

function provenance({ finishedAt, environment: e, threads, torchVersion }: Provenance): string {
  const commit =
    e.commit === null ? '' : `, commit ${e.commit.slice(0, 8)}${e.dirty === true ? ' and changes' : ''}`;
  return (
    `${finishedAt.slice(0, 10)}, ${e.cpu}, ${e.cores} cores (${e.cpuFlags?.join(' ') ?? 'unknown'}), ${threads} threads, ` +
    `PyTorch ${torchVersion}, msl ${e.version}${commit}.`
  );
}

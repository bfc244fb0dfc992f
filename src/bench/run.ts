import { unknownName, UsageError, type Precision, type Progress } from '../engine/index.ts';
import { runSection, type SectionResult } from './section.ts';
import { ratios, type Ratio } from './targets.ts';
import { EPOCH, JAVASCRIPT, LOOP, OWN, PEERS, type BenchEngine, type Variant } from './variants.ts';
import { REFERENCE, type WorkloadSize } from './workload.ts';

export interface BenchOptions {
  readonly rounds: number;
  /** Training steps, and inferences, of a variant's turn. */
  readonly steps: number;
  readonly threads: number;
  /** Only the sections of these names; default all. */
  readonly sections?: readonly string[] | undefined;
  /** Default all. */
  readonly engines?: readonly BenchEngine[] | undefined;
  /** Default both. */
  readonly precisions?: readonly Precision[] | undefined;
  /** Python of the peers; without it there are none. */
  readonly python?: string | undefined;
  /** How time grows with the size of the workload, instead of the reference. */
  readonly scaling: boolean;
  /** Tiny sizes: a check that the benchmark works, whose figures say nothing. */
  readonly quick: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** `bench/results/reference.json` and `scaling.json`. Each section says where and when it was measured. */
export interface BenchRecord {
  readonly schemaVersion: number;
  readonly kind: 'reference' | 'scaling' | 'quick';
  readonly sections: readonly SectionResult[];
  readonly ratios: readonly Ratio[];
}

const SCHEMA_VERSION = 2;

/** The project's default network: a step of `cpu` takes seconds. */
const SMALL: WorkloadSize = { widths: [16, 32, 64], batchSize: 8, taps: 3 };
const QUICK: WorkloadSize = { widths: [4, 4, 8], batchSize: 8, taps: 3 };
/** Sizes of the data set; the last is CIFAR-10's training set. */
const IMAGES = [1000, 5000, 10_000, 25_000, 50_000];
const QUICK_IMAGES = [16, 32];

/**
 * Runs the benchmark.
 *
 * @throws {UsageError} for a section that is not known, and where no variant is left
 * @throws {UserError} where variants do not compute the same
 */
export async function runBench(options: BenchOptions): Promise<BenchRecord> {
  const known = plan({ scaling: options.scaling, quick: options.quick }).map(({ name }) => name);
  const unknown = options.sections?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(unknownName('section', unknown, known));
  const sections: SectionResult[] = [];
  const planned = plan(options).filter(({ name }) => options.sections?.includes(name) !== false);
  for (const { name, size, variants } of planned) {
    const { rounds, steps, threads, python, progress, signal } = options;
    sections.push(
      await runSection({ name, size, variants, rounds, steps, threads, python, progress, signal }),
    );
  }
  if (sections.length === 0)
    throw new UsageError('No variant of these sections has this engine and this precision.');
  return {
    schemaVersion: SCHEMA_VERSION,
    kind: options.quick ? 'quick' : options.scaling ? 'scaling' : 'reference',
    sections,
    ratios: options.quick ? [] : ratios(sections),
  };
}

/**
 * A record with the sections of an earlier one that this one did not measure again, in the order in which they are planned;
 * one of another version of the format is left out.
 */
export function withEarlier(record: BenchRecord, earlier: BenchRecord): BenchRecord {
  if (earlier.schemaVersion !== record.schemaVersion) return record;
  const measured = new Set(record.sections.map(({ name }) => name));
  const all = [...earlier.sections.filter(({ name }) => !measured.has(name)), ...record.sections];
  const order = plan({ scaling: record.kind === 'scaling', quick: false }).map(({ name }) => name);
  const sections = all.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { ...record, sections, ratios: ratios(sections) };
}

interface PlannedSection {
  readonly name: string;
  readonly size: WorkloadSize;
  readonly variants: readonly Variant[];
}

/** What is measured, and on what. */
export function plan({
  engines,
  precisions,
  python,
  scaling,
  quick,
}: Pick<BenchOptions, 'engines' | 'precisions' | 'python' | 'scaling' | 'quick'>): PlannedSection[] {
  const chosen = ({ engine, precision }: Variant) =>
    (engines === undefined || engine === undefined || engines.includes(engine)) &&
    (precisions === undefined || precisions.includes(precision));
  const peers = python === undefined ? [] : PEERS;
  const reference = quick ? QUICK : REFERENCE;
  const all: PlannedSection[] = scaling
    ? [
        ...scalingSizes(reference).map((section) => ({
          ...section,
          variants: [...OWN, ...peers].filter(scales),
        })),
        ...(quick ? QUICK_IMAGES : IMAGES).map((epochImages) => ({
          name: `images ${epochImages}`,
          size: { ...reference, epochImages },
          variants: EPOCH,
        })),
      ]
    : [
        { name: 'reference', size: reference, variants: [...OWN, ...peers] },
        { name: 'javascript', size: quick ? QUICK : SMALL, variants: JAVASCRIPT },
        { name: 'loop', size: reference, variants: LOOP },
      ];
  return all
    .map((section) => ({ ...section, variants: section.variants.filter(chosen) }))
    .filter(({ variants }) => variants.some(({ engine }) => engine !== undefined));
}

/** One of each kind: the fastest of the project, and of the peers. */
function scales({ name }: Variant): boolean {
  return ['graph', 'graph-bfloat16', 'torch-channels-last', 'tf-function'].includes(name);
}

/** One thing at a time grows, the others are as in the reference. */
function scalingSizes(reference: WorkloadSize): Omit<PlannedSection, 'variants'>[] {
  const batches = [16, 32, 64, 128, 256, 512];
  const widths = [1 / 4, 1 / 2, 1, 2];
  return [
    ...batches.map((batchSize) => ({ name: `batch ${batchSize}`, size: { ...reference, batchSize } })),
    ...widths.map((factor) => {
      const [a, b, c] = reference.widths;
      const scaled = [a * factor, b * factor, c * factor] as const;
      return { name: `widths ${scaled.join('-')}`, size: { ...reference, widths: scaled } };
    }),
    ...[0, 1, 2, 3].map((taps) => ({ name: `taps ${taps}`, size: { ...reference, taps } })),
  ];
}

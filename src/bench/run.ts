import os from 'node:os';

import { UsageError, type Precision, type Progress } from '../engine/index.ts';
import { describeMachine, type MachineRecord } from '../experiments/index.ts';
import { runSection, type SectionResult } from './section.ts';
import { ratios, type Ratio } from './targets.ts';
import { JAVASCRIPT, LOOP, OWN, PEERS, type BenchEngine, type Variant } from './variants.ts';
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

/** `bench/results/*.json` */
export interface BenchRecord {
  readonly schemaVersion: 1;
  readonly kind: 'reference' | 'scaling' | 'quick';
  readonly startedAt: string;
  readonly seconds: number;
  readonly environment: MachineRecord;
  readonly threads: number;
  readonly rounds: number;
  readonly steps: number;
  /** Load of the last minute before and after; above the number of threads, others computed as well. */
  readonly load: { readonly before: number; readonly after: number };
  readonly sections: readonly SectionResult[];
  readonly ratios: readonly Ratio[];
}

/** The project's default network: a step of `cpu` takes seconds. */
const SMALL: WorkloadSize = { widths: [16, 32, 64], batchSize: 8, taps: 3 };
const QUICK: WorkloadSize = { widths: [4, 4, 8], batchSize: 8, taps: 3 };

/**
 * Runs the benchmark.
 *
 * @throws {UsageError} where no variant is left
 * @throws {UserError} where variants do not compute the same
 */
export async function runBench(options: BenchOptions): Promise<BenchRecord> {
  const startedAt = new Date();
  const before = os.loadavg()[0]!;
  const sections: SectionResult[] = [];
  const planned = plan(options).filter(({ name }) => options.sections?.includes(name) !== false);
  for (const { name, size, variants } of planned) {
    const { rounds, steps, threads, python, progress, signal } = options;
    sections.push(
      await runSection({ name, size, variants, rounds, steps, threads, python, progress, signal }),
    );
  }
  if (sections.length === 0) throw new UsageError('No variant has this engine and this precision.');
  return {
    schemaVersion: 1,
    kind: options.quick ? 'quick' : options.scaling ? 'scaling' : 'reference',
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    environment: describeMachine(),
    ...{ threads: options.threads, rounds: options.rounds, steps: options.steps },
    load: { before, after: os.loadavg()[0]! },
    sections,
    ratios: options.quick ? [] : ratios(sections),
  };
}

/**
 * A record with the sections of an earlier one that this one did not measure again; each says when it was measured.
 */
export function withEarlier(record: BenchRecord, earlier: BenchRecord): BenchRecord {
  const measured = new Set(record.sections.map(({ name }) => name));
  const sections = [...earlier.sections.filter(({ name }) => !measured.has(name)), ...record.sections];
  return { ...record, sections, ratios: ratios(sections) };
}

interface PlannedSection {
  readonly name: string;
  readonly size: WorkloadSize;
  readonly variants: readonly Variant[];
}

/** What is measured, and on what. */
export function plan(
  options: Pick<BenchOptions, 'engines' | 'precisions' | 'python' | 'scaling' | 'quick'>,
): PlannedSection[] {
  const { engines, precisions, python, scaling, quick } = options;
  const chosen = ({ engine, precision }: Variant) =>
    (engines === undefined || engine === undefined || engines.includes(engine)) &&
    (precisions === undefined || precisions.includes(precision));
  const peers = python === undefined ? [] : PEERS;
  const reference = quick ? QUICK : REFERENCE;
  const all: PlannedSection[] = scaling
    ? scalingSizes(reference).map((section) => ({ ...section, variants: [...OWN, ...peers].filter(scales) }))
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

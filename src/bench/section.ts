import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Precision, Progress } from '../engine/index.ts';
import { checkParity, knownLosses } from './parity.ts';
import { startProcess, type BenchProcess } from './process.ts';
import { spread, median, type Spread } from './statistics.ts';
import type { Variant } from './variants.ts';
import type { Loaded } from './worker.ts';
import { makeWorkload, writeWorkload, type WorkloadSize } from './workload.ts';

/** Losses that are compared before anything is timed. */
const CHECKED_STEPS = 8;
/** Milliseconds between two turns, in which threads that spin for work go to sleep. */
const PAUSE = 200;

export interface SectionOptions {
  readonly name: string;
  readonly size: WorkloadSize;
  /** Those that take turns, in this order in the first round; each round begins with the next one. */
  readonly variants: readonly Variant[];
  readonly rounds: number;
  /** Training steps, and inferences, of a turn. */
  readonly steps: number;
  readonly threads: number;
  /** Python of the peers. */
  readonly python?: string | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was measured of one variant. */
export interface VariantResult {
  readonly name: string;
  readonly title: string;
  readonly precision: Precision;
  readonly peer: boolean;
  readonly version: string;
  /** The step's first call, for a graph: tracing and loading it. */
  readonly firstStepSeconds: number;
  /** Largest difference of a loss from the reference; `null` where it is not comparable. */
  readonly lossDifference: number | null;
  /** Steps of a turn. */
  readonly steps: number;
  /** Images per second, of each round: the batch size over the median of the round's steps. */
  readonly trainRounds: readonly number[];
  readonly train: Spread;
  /** Absent where only training was timed. */
  readonly inferRounds?: readonly number[];
  readonly infer?: Spread;
  readonly peakMemoryBytes: number;
}

/** Variants that took turns on one workload. */
export interface SectionResult {
  readonly name: string;
  readonly size: WorkloadSize;
  readonly startedAt: string;
  readonly variants: readonly VariantResult[];
}

interface Participant {
  readonly variant: Variant;
  readonly child: BenchProcess;
  readonly loaded: Loaded;
  readonly lossDifference: number | null;
  /** By round. */
  readonly train: number[];
  readonly infer: number[];
  readonly memory: number[];
}

/**
 * Lets variants train the same workload by turns: each in a process of its own that lives for the whole section, and all
 * losses compared before anything is timed, and again in every round.
 *
 * @throws {UserError} for a variant that computes something else or whose process ends
 */
export async function runSection(options: SectionOptions): Promise<SectionResult> {
  const { name, size, variants, rounds, threads, python, signal } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-bench-'));
  const startedAt = new Date().toISOString();
  const started: BenchProcess[] = [];
  const total = variants.length * (rounds + 1);
  let done = 0;
  const turn = (variant: Variant, what: string) => {
    signal?.throwIfAborted();
    options.progress?.({ label: `bench · ${name}`, done, total, note: `${variant.name}, ${what}` });
    done++;
  };
  const stop = () => {
    for (const child of started) child.stop();
  };
  signal?.addEventListener('abort', stop);
  try {
    writeWorkload(folder, makeWorkload(size));
    const known = knownLosses(size);
    let reference = known;
    const participants: Participant[] = [];
    for (const variant of variants) {
      turn(variant, 'starting');
      const child = startProcess(variant, python);
      started.push(child);
      const loaded = await child.load({ folder, threads });
      // A step's gradients show in the loss of the next.
      const steps = Math.max(2, variant.steps ?? CHECKED_STEPS);
      const { losses } = await child.round({ steps: Math.min(steps, CHECKED_STEPS), inferences: 1 });
      const comparable = variant.comparable !== false;
      if (comparable && variant.precision === 'float32') reference ??= losses;
      const lossDifference =
        comparable && reference !== undefined
          ? checkParity(variant.name, variant.precision, losses, reference)
          : null;
      participants.push({ variant, child, loaded, lossDifference, train: [], infer: [], memory: [] });
    }
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < participants.length; i++) {
        const participant = participants[(i + round) % participants.length]!;
        const { variant, child } = participant;
        turn(variant, `round ${round + 1} of ${rounds}`);
        await setTimeout(PAUSE);
        const steps = Math.min(options.steps, variant.steps ?? options.steps);
        const result = await child.round({ steps, inferences: steps });
        if (participant.lossDifference !== null && reference !== undefined) {
          checkParity(variant.name, variant.precision, result.losses, reference);
        }
        participant.train.push(size.batchSize / median(result.train));
        if (result.infer.length > 0) participant.infer.push(size.batchSize / median(result.infer));
        participant.memory.push(result.memory.peak);
      }
    }
    return {
      name,
      size,
      startedAt,
      variants: participants.map(({ variant, loaded, lossDifference, train, infer, memory }) => ({
        ...{ name: variant.name, title: variant.title, precision: variant.precision },
        ...{ peer: variant.script !== undefined, version: loaded.version },
        firstStepSeconds: loaded.firstStep,
        lossDifference,
        steps: Math.min(options.steps, variant.steps ?? options.steps),
        trainRounds: train,
        train: spread(train),
        ...(infer.length > 0 ? { inferRounds: infer, infer: spread(infer) } : {}),
        peakMemoryBytes: Math.max(...memory),
      })),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

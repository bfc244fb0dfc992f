import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Precision, Progress } from '../engine/index.ts';
import { describeMachine, type MachineRecord } from '../experiments/index.ts';
import { checkParity, knownLosses } from './parity.ts';
import { startProcess, type BenchProcess } from './process.ts';
import { spread, median, type Spread } from './statistics.ts';
import type { Variant } from './variants.ts';
import type { Loaded } from './worker.ts';
import { BATCHES, makeWorkload, writeWorkload, type WorkloadSize } from './workload.ts';

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

/** A peer that could not be measured. */
export interface FailedVariant {
  readonly name: string;
  readonly title: string;
  readonly precision: Precision;
  /** What happened, with the end of what the process wrote. */
  readonly error: string;
}

/** Variants that took turns on one workload, and where and when they did. */
export interface SectionResult {
  readonly name: string;
  readonly size: WorkloadSize;
  readonly startedAt: string;
  readonly seconds: number;
  readonly environment: MachineRecord;
  readonly threads: number;
  readonly rounds: number;
  /** Load of the last minute before and after; above the number of threads, others computed as well. */
  readonly load: { readonly before: number; readonly after: number };
  readonly variants: readonly VariantResult[];
  readonly failed: readonly FailedVariant[];
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
 * losses compared before anything is timed, and again in every round. A peer that does not start, ends or computes something
 * else is left out from then on, and the result says why.
 *
 * @throws {UserError} for a variant of this project that computes something else or whose process ends
 */
export async function runSection(options: SectionOptions): Promise<SectionResult> {
  const { name, size, variants, rounds, threads, python, signal } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-bench-'));
  const startedAt = new Date();
  const before = os.loadavg()[0]!;
  const environment = describeMachine();
  const started: BenchProcess[] = [];
  const failed: FailedVariant[] = [];
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
  let reference = knownLosses(size);

  /** The body's result; `undefined` for a peer that fails in it. */
  const unlessPeerFails = async <T>(variant: Variant, body: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await body();
    } catch (error) {
      signal?.throwIfAborted();
      if (variant.script === undefined) throw error;
      const message = error instanceof Error ? error.message : String(error);
      failed.push({ name: variant.name, title: variant.title, precision: variant.precision, error: message });
      return undefined;
    }
  };
  const start = async (variant: Variant): Promise<Participant> => {
    const child = startProcess(variant, python);
    started.push(child);
    const loaded = await child.load({ folder, threads });
    let lossDifference: number | null = null;
    if (variant.comparable !== false) {
      // A step's gradients show in the loss of the next.
      const steps = Math.min(CHECKED_STEPS, Math.max(2, variant.steps ?? CHECKED_STEPS));
      const { losses } = await child.round({ steps, inferences: 1 });
      if (variant.precision === 'float32') reference ??= losses;
      if (reference !== undefined) {
        lossDifference = checkParity(variant.name, variant.precision, losses, reference);
      }
    }
    return { variant, child, loaded, lossDifference, train: [], infer: [], memory: [] };
  };
  const takeTurn = async ({ variant, child, lossDifference, ...measured }: Participant): Promise<true> => {
    const steps = Math.min(options.steps, variant.steps ?? options.steps);
    const result = await child.round({ steps, inferences: steps });
    if (lossDifference !== null && reference !== undefined) {
      checkParity(variant.name, variant.precision, result.losses, reference);
    }
    const images = imagesOfStep(variant, size);
    measured.train.push(images / median(result.train));
    if (result.infer.length > 0) measured.infer.push(size.batchSize / median(result.infer));
    measured.memory.push(result.memory.peak);
    return true;
  };

  try {
    writeWorkload(folder, makeWorkload(size));
    let participants: Participant[] = [];
    for (const variant of variants) {
      turn(variant, 'starting');
      const participant = await unlessPeerFails(variant, () => start(variant));
      if (participant !== undefined) participants.push(participant);
    }
    for (let round = 0; round < rounds; round++) {
      const order = participants.map((_, i) => participants[(i + round) % participants.length]!);
      for (const participant of order) {
        turn(participant.variant, `round ${round + 1} of ${rounds}`);
        await setTimeout(PAUSE);
        const alive = await unlessPeerFails(participant.variant, () => takeTurn(participant));
        if (alive === undefined) {
          participant.child.stop();
          participants = participants.filter((other) => other !== participant);
        }
      }
    }
    return {
      ...{ name, size, startedAt: startedAt.toISOString() },
      seconds: (Date.now() - startedAt.getTime()) / 1000,
      ...{ environment, threads, rounds, load: { before, after: os.loadavg()[0]! } },
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
      failed,
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

/** Images that a variant is trained on in what it counts as a step: a batch, or for a whole epoch all images. */
function imagesOfStep({ settings }: Variant, { batchSize, epochImages }: WorkloadSize): number {
  return 'way' in settings && settings.way === 'epoch' ? (epochImages ?? BATCHES * batchSize) : batchSize;
}

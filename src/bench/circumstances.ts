import os from 'node:os';

import { loadEngine } from '../engine/index.ts';
import { describeMachine, type MachineRecord } from '../experiments/index.ts';

/** Where, when and under which load something was measured in this process. */
export interface Circumstances {
  readonly startedAt: string;
  readonly seconds: number;
  readonly environment: MachineRecord;
  /** E.g. `TensorFlow 2.21.0`. */
  readonly engine: string;
  readonly threads: number;
  /** Of the last minute. Above the number of threads, others computed as well. */
  readonly load: { readonly before: number; readonly after: number };
}

/** Loads the engine and measures; what was measured, with its circumstances before it. */
export async function measured<Result extends object>(
  { threads }: { readonly threads: number },
  measure: () => Promise<Result>,
): Promise<Circumstances & Result> {
  const startedAt = new Date();
  const before = os.loadavg()[0]!;
  const engine = await loadEngine({ threads });
  const environment = describeMachine();
  const result = await measure();
  return {
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    environment,
    engine: `${engine.name === 'tensorflow' ? 'TensorFlow' : `TensorFlow.js (${engine.name})`} ${engine.version}`,
    threads: engine.threads,
    load: { before, after: os.loadavg()[0]! },
    ...result,
  };
}

/** As a sentence. */
export function circumstancesText({
  startedAt,
  environment: e,
  engine,
  threads,
  load,
}: Circumstances): string {
  const commit =
    e.commit === null ? '' : `, commit ${e.commit.slice(0, 8)}${e.dirty === true ? ' and changes' : ''}`;
  return (
    `${startedAt.slice(0, 10)}, ${e.cpu}, ${e.cores} cores, ${threads} threads, ${engine}; load ${load.before.toFixed(1)} ` +
    `before and ${load.after.toFixed(1)} after; Node ${e.node}, msl ${e.version}${commit}.`
  );
}

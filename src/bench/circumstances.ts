import os from 'node:os';

import { loadEngine, type Engine } from '../engine/index.ts';
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
    engine: engineText(engine),
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
  return (
    `${startedAt.slice(0, 10)}, ${e.cpu}, ${e.cores} cores, ${threads} threads, ${engine}; load ${load.before.toFixed(1)} ` +
    `before and ${load.after.toFixed(1)} after; ${versionsText(e)}.`
  );
}

/** E.g. `TensorFlow 2.21.0`, `TensorFlow.js (wasm) 4.22.0`. */
export function engineText({ name, version }: Pick<Engine, 'name' | 'version'>): string {
  return `${name === 'tensorflow' ? 'TensorFlow' : `TensorFlow.js (${name})`} ${version}`;
}

/** E.g. `Node v20.20.2, msl 0.1.0, commit 0123abcd and changes`. */
export function versionsText({ node, version, commit, dirty }: MachineRecord): string {
  const code = commit === null ? '' : `, commit ${commit.slice(0, 8)}${dirty === true ? ' and changes' : ''}`;
  return `Node ${node}, msl ${version}${code}`;
}

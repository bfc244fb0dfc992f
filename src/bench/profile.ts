/** Where the time of a training step goes, in this project's graph and in the peers. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { tf } from '../engine/tf.ts';
import { projectRoot } from '../data/index.ts';
import { tensorsOf, UserError, writeGraph, type Progress } from '../engine/index.ts';
import { circumstancesText, measured, type Circumstances } from './circumstances.ts';
import { markdown } from './table.ts';
import { batchesOf, projectStep } from './trainee.ts';
import { LEARNING_RATE, makeWorkload, REFERENCE, writeWorkload } from './workload.ts';

export interface ProfileOptions {
  /** Steps that are looked at. */
  readonly steps: number;
  readonly threads: number;
  /** Python of the peers. */
  readonly python: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What operations of one name take in a step. */
export interface OperationTime {
  readonly milliseconds: number;
  readonly count: number;
}

/** Where the time of one program's step goes. */
export interface ProgramProfile {
  readonly name: ProgramName;
  readonly version: string;
  readonly operations: Readonly<Record<string, OperationTime>>;
}

/** `bench/results/profile.json` */
export interface ProfileRecord extends Circumstances {
  readonly schemaVersion: 1;
  readonly kind: 'profile';
  readonly steps: number;
  readonly programs: readonly ProgramProfile[];
}

/** This project's training step, and those of the peers that come closest. */
export const PROGRAMS = ['graph', 'tf-function', 'torch-channels-last'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** Profiles a step of the reference workload in each program, one after the other. */
export async function measureProfile(options: ProfileOptions): Promise<ProfileRecord> {
  const { steps, threads, python, progress, signal } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-profile-'));
  try {
    return await measured({ threads }, async () => {
      exportStep(folder);
      const programs: ProgramProfile[] = [];
      for (const [done, name] of PROGRAMS.entries()) {
        progress?.({ label: 'bench · profile', done, total: PROGRAMS.length, note: name });
        programs.push({ name, ...(await profile(name, { folder, python, threads, steps, signal })) });
      }
      return { schemaVersion: 1, kind: 'profile', steps, programs };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The workload, this project's training step as a graph, and what it is fed. */
function exportStep(folder: string): void {
  const workload = makeWorkload(REFERENCE);
  writeWorkload(folder, workload);
  const { initial, step } = projectStep(workload);
  const args: Parameters<typeof step> = [initial(), batchesOf(workload)[0]!, tf.scalar(LEARNING_RATE)];
  const fed = writeGraph(folder, step, args, 'float32');
  const values = fed.map((tensor) => tensor.dataSync());
  const bytes = values.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  writeFileSync(path.join(folder, 'feeds.bin'), Buffer.concat(bytes));
  writeFileSync(
    path.join(folder, 'feeds.json'),
    JSON.stringify(fed.map(({ shape, dtype }) => ({ shape, dtype }))),
  );
  tf.dispose(tensorsOf(args));
}

async function profile(
  name: ProgramName,
  {
    folder,
    python,
    threads,
    steps,
    signal,
  }: Pick<ProfileOptions, 'python' | 'threads' | 'steps'> & {
    readonly folder: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Omit<ProgramProfile, 'name'>> {
  const script = path.join(projectRoot(), 'bench', 'peers', 'step_profile.py');
  const args = ['-B', script, folder, name, String(threads), String(steps)];
  try {
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 26, signal });
    return JSON.parse(stdout) as Omit<ProgramProfile, 'name'>;
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr = '' } = error as { stderr?: string };
    throw new UserError(`${name} cannot be profiled:\n${stderr.trim().split('\n').slice(-8).join('\n')}`);
  }
}

/** Kinds of work, each with the names that TensorFlow's and PyTorch's operations have; the first that fits counts. */
const KINDS: readonly (readonly [kind: string, names: RegExp])[] = [
  ['convolutions, gradients', /Conv2DBackprop|convolution_backward/],
  ['convolutions', /Conv2D|mkldnn_convolution/],
  ['batch norm, both ways', /BatchNorm|batch_norm/],
  ['rectifiers, both ways', /^Relu|threshold_backward|clamp_min/],
  ['pooling, both ways', /MaxPool|max_pool/],
];
const ELSE = 'everything else';

/** Milliseconds and number of operations of each kind. */
export function byKind(operations: ProgramProfile['operations']): Map<string, OperationTime> {
  const kinds = new Map(
    [...KINDS.map(([kind]) => kind), ELSE].map((kind) => [kind, { milliseconds: 0, count: 0 }]),
  );
  for (const [name, { milliseconds, count }] of Object.entries(operations)) {
    const total = kinds.get(KINDS.find(([, names]) => names.test(name))?.[0] ?? ELSE)!;
    total.milliseconds += milliseconds;
    total.count += count;
  }
  return kinds;
}

/** A profile as a table for bench/README.md, in Markdown. */
export function profileTable(record: ProfileRecord): string {
  const columns = record.programs.map(({ operations }) => byKind(operations));
  const kinds = [...columns[0]!.keys()];
  const sum = (column: Map<string, OperationTime>, what: keyof OperationTime) =>
    [...column.values()].reduce((total, time) => total + time[what], 0);
  const rows = [
    ...kinds.map((kind) => [kind, ...columns.map((column) => column.get(kind)!.milliseconds.toFixed(1))]),
    ['sum', ...columns.map((column) => sum(column, 'milliseconds').toFixed(1))],
    ['operations', ...columns.map((column) => sum(column, 'count').toFixed(0))],
  ];
  const head = ['ms a step', ...record.programs.map(({ name, version }) => `\`${name}\` (${version})`)];
  return `${markdown(head, rows)}\n\nOf ${record.steps} steps, medians of TensorFlow's and means of PyTorch's; ${circumstancesText(record)}`;
}

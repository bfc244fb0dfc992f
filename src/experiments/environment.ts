import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { projectRoot, type Dataset } from '../data/index.ts';
import { vectorInstructions, type Engine, type Precision } from '../engine/index.ts';
import { SCHEMA_VERSION } from './records.ts';

/** `environment.json`: where a run was made. Not part of what makes two runs the same. */
export interface EnvironmentRecord {
  readonly schemaVersion: number;
  readonly engine: string;
  /** Version of TensorFlow, or of TensorFlow.js. */
  readonly engineVersion: string;
  readonly threads: number;
  /** Whether TensorFlow computed with oneDNN's kernels; without it TensorFlow decided by the processor. */
  readonly oneDnn?: boolean;
  /** What training computed in. Records made before there was a choice lack it: float32. */
  readonly precision?: Precision;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  /** Vector instructions, on which TensorFlow's choice of kernels depends; `null` where the system does not say. */
  readonly cpuFlags?: readonly string[] | null;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of the workbook: its version, and its commit with whether files were changed since; `null` outside of git. */
  readonly version: string;
  readonly commit: string | null;
  readonly dirty: boolean | null;
  /** The images, as they were when the run began. Records of earlier releases lack it. */
  readonly data?: DataRecord;
  /** SHA-256 of package-lock.json; `null` where the package is installed as a dependency. */
  readonly lockfile: string | null;
  /** Who went on with the run after a stop, in order: other code or another machine; absent where all of it was made alike. */
  readonly later?: readonly SittingRecord[];
}

/** Who went on with a run that had been stopped; engine and threads are as before, or it does not go on. */
export interface SittingRecord extends Pick<
  EnvironmentRecord,
  'oneDnn' | 'node' | 'platform' | 'cpu' | 'cpuFlags' | 'cores' | 'version' | 'commit' | 'dirty' | 'lockfile'
> {
  /** The first epoch of the sitting; one more than the run has where only its evaluation was left. */
  readonly firstEpoch: number;
}

/** Which images a run had. */
export interface DataRecord {
  /** Whether every file was, to the byte, the one that the set's authors published. */
  readonly official: boolean;
  /** Images of both parts, before any are held out or left out. */
  readonly train: number;
  readonly test: number;
  /** Of the images, labels, groups and classes of both parts. */
  readonly sha256: string;
}

/** What does not depend on the engine and the data. */
export type MachineRecord = Omit<
  EnvironmentRecord,
  'engine' | 'engineVersion' | 'threads' | 'oneDnn' | 'precision' | 'data' | 'later'
>;

/** Describes this process and machine, for a run in a precision; the images are not known before they are opened. */
export function describeEnvironment(engine: Engine, precision: Precision): EnvironmentRecord {
  const { schemaVersion, ...machine } = describeMachine();
  return {
    ...{ schemaVersion, engine: engine.name, engineVersion: engine.version, threads: engine.threads },
    ...(engine.oneDnn === undefined ? {} : { oneDnn: engine.oneDnn }),
    precision,
    ...machine,
  };
}

/** Describes the images of a run. */
export function dataRecord({ official, digest, train, test }: Dataset): DataRecord {
  return { official, train: train.n, test: test.n, sha256: digest };
}

/** Describes the machine and the workbook. */
export function describeMachine(): MachineRecord {
  const root = projectRoot();
  const lockfile = path.join(root, 'package-lock.json');
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const cpus = os.cpus();
  const status = git(root, 'status', '--porcelain');
  return {
    schemaVersion: SCHEMA_VERSION,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cpuFlags: vectorInstructions() ?? null,
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    version,
    commit: git(root, 'rev-parse', 'HEAD') ?? null,
    dirty: status === undefined ? null : status !== '',
    lockfile: existsSync(lockfile) ? createHash('sha256').update(readFileSync(lockfile)).digest('hex') : null,
  };
}

/** Output of a git command in the project's own repository, `undefined` where there is none. */
function git(root: string, ...args: string[]): string | undefined {
  if (!existsSync(path.join(root, '.git'))) return undefined;
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

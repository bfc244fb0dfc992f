import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { makeFolder, UserError } from '../engine/index.ts';
import { appendFileWhole, writeFileAtomic } from '../training/index.ts';
import { claimFolder, ownerOf, type Claim } from './claim.ts';
import type { EnvironmentRecord } from './environment.ts';
import { otherImages } from './otherImages.ts';
import {
  SCHEMA_VERSION,
  type EpochRecord,
  type ProjectionRecord,
  type RunSummary,
  type ValidationRecord,
} from './records.ts';
import { withSitting } from './sittings.ts';
import { specificationHash, type Specification } from './specification/index.ts';
import { requireSummary } from './summaryFields.ts';

/** What a run's own folder is called: by its seed, and the beginning of its specification's hash. */
export function runName(specification: Specification): string {
  return `seed-${specification.seed}-${specificationHash(specification).slice(0, 8)}`;
}

/** The records of one run; see records.ts for what each file is. */
export class RunFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Checks that the folder is free, or holds a run of this specification made on this engine.
   *
   * @throws {UserError} where it belongs to another one
   */
  check(specification: Specification, environment: EnvironmentRecord): void {
    const there = this.specification();
    if (there !== undefined) {
      const found = specificationHash(there);
      const wanted = specificationHash(specification);
      if (found !== wanted) {
        throw new UserError(
          `${this.folder} holds a run of another specification (hash ${found.slice(0, 8)}, this one has ` +
            `${wanted.slice(0, 8)}). Choose another folder with --out, or remove this one.`,
        );
      }
    }
    const made = this.environment();
    if (made === undefined) return;
    const name = ({ engine, engineVersion }: EnvironmentRecord) => `${engine} ${engineVersion}`;
    if (name(made) !== name(environment)) {
      throw new UserError(
        `${this.folder} holds a run made on ${name(made)}; this process uses ${name(environment)}, and a run of ` +
          'both would be neither. Set MSL_ENGINE, choose another folder, or remove this one.',
      );
    }
  }

  /**
   * Checks that the run had the images that are there now, as far as that is known.
   *
   * @param digest of the data set; `undefined` where it is not known
   * @throws {UserError} where it had others
   */
  checkImages({ dataset }: Specification, digest: string | undefined): void {
    const others = otherImages({ dataset, had: this.environment()?.data, digest });
    if (others === undefined) return;
    throw new UserError(
      `${this.folder} holds a run on ${others}. Choose another folder with --out, or remove this one (msl runs rm); a set of ` +
        'other images is best imported under another name.',
    );
  }

  /**
   * Makes the folder, or takes up the one that is there, for this process alone. What a process that died left
   * unfinished is removed.
   *
   * @throws {UserError} where another process is at work in it
   */
  claim(specification: Specification, environment: EnvironmentRecord): Claim {
    makeFolder(this.folder);
    const claim = claimFolder(this.folder);
    try {
      for (const folder of [this.folder, this.checkpoints, this.weights]) {
        if (!existsSync(folder)) continue;
        for (const name of readdirSync(folder)) {
          if (name.endsWith('.partial')) rmSync(path.join(folder, name), { force: true });
        }
      }
      if (this.specification() === undefined) this.write('spec.json', specification);
      if (this.environment() === undefined) this.write('environment.json', environment);
    } catch (error) {
      // A full disk: whoever gives the command again must not be told that this process is at work.
      claim.release(false);
      throw error;
    }
    return claim;
  }

  /** Writes down that this process makes what follows from an epoch on. */
  noteSitting(environment: EnvironmentRecord, firstEpoch: number): void {
    const made = this.environment();
    if (made === undefined) return;
    const now = withSitting(made, environment, firstEpoch);
    if (!isDeepStrictEqual(now, made)) this.write('environment.json', now);
  }

  /** The process that is at work in it; `undefined` where none is. */
  owner(): number | undefined {
    return ownerOf(this.folder)?.pid;
  }

  get checkpoints(): string {
    return this.file('checkpoint');
  }

  /** Weights of chosen epochs, without what a training needs to go on. */
  get weights(): string {
    return this.file('weights');
  }

  /**
   * The result, once the run has ended.
   *
   * @throws {UserError} for one that is damaged, of another release, or lacks a field
   */
  summary(): RunSummary | undefined {
    const record = this.read('summary.json');
    return record && requireSummary(record, this.file('summary.json'));
  }

  /** The result of a trial of a search, once it has ended. */
  validation(): ValidationRecord | undefined {
    return this.read('validation.json') as ValidationRecord | undefined;
  }

  environment(): EnvironmentRecord | undefined {
    return this.read('environment.json') as EnvironmentRecord | undefined;
  }

  specification(): Specification | undefined {
    return this.read('spec.json') as Specification | undefined;
  }

  projection(): ProjectionRecord | undefined {
    return this.read('projection.json') as ProjectionRecord | undefined;
  }

  /**
   * The epochs so far, without a gap. A line that a dying process did not finish is not there, nor what follows a damaged one.
   *
   * @throws {UserError} for records of another release
   */
  epochs(): EpochRecord[] {
    const file = this.file('metrics.jsonl');
    if (!existsSync(file)) return [];
    const records: EpochRecord[] = [];
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      let record: EpochRecord;
      try {
        record = parseRecord(line) as EpochRecord;
      } catch {
        break;
      }
      requireVersion(record, file);
      if (record.epoch !== records.length + 1) break;
      records.push(record);
    }
    return records;
  }

  appendEpoch(record: EpochRecord): void {
    appendFileWhole(this.file('metrics.jsonl'), `${JSON.stringify(record)}\n`);
  }

  /** Forgets epochs after the one that a run resumes from. */
  truncateEpochs(last: number): void {
    const kept = this.epochs().filter(({ epoch }) => epoch <= last);
    writeFileAtomic(this.file('metrics.jsonl'), kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  writeProjection(record: ProjectionRecord): void {
    writeFileAtomic(this.file('projection.json'), `${JSON.stringify(record)}\n`);
  }

  writeSummary(summary: RunSummary): void {
    this.write('summary.json', summary);
  }

  writeValidation(record: ValidationRecord): void {
    this.write('validation.json', record);
  }

  private write(name: string, value: unknown): void {
    writeFileAtomic(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  private read(name: string): Versioned | undefined {
    const file = this.file(name);
    return existsSync(file) ? readJson(file) : undefined;
  }

  private file(name: string): string {
    return path.join(this.folder, name);
  }
}

/** Every record carries the version of its form. */
interface Versioned {
  readonly schemaVersion: number;
}

/** What ends a run: without it the same command makes it again, from the last checkpoint. */
const RESULTS = ['summary.json', 'validation.json'];

function readJson(file: string): Versioned {
  let record: Versioned;
  try {
    record = parseRecord(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw new UserError(`${file} cannot be read: ${(error as Error).message}.`, { cause: error });
    }
    throw new UserError(
      // JSON.parse quotes the text, line ends and all.
      `${file} is damaged (${error.message.replace(/\s+/g, ' ')}). ` +
        (RESULTS.includes(path.basename(file))
          ? 'Remove this file: the command that made the run makes it again from the last checkpoint.'
          : "Remove the run's folder to start it anew."),
    );
  }
  requireVersion(record, file);
  return record;
}

/** @throws {SyntaxError} for what is no JSON, or no object */
function parseRecord(text: string): Versioned {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'schemaVersion' in value) return value as Versioned;
  throw new SyntaxError('it holds no record');
}

function requireVersion({ schemaVersion }: Versioned, file: string): void {
  if (schemaVersion === SCHEMA_VERSION) return;
  throw new UserError(
    `${file} has the schema version ${String(schemaVersion)}; this release reads ${SCHEMA_VERSION}. Read it with the release ` +
      'that wrote it (environment.json names its commit), or make the run anew in another folder.',
  );
}

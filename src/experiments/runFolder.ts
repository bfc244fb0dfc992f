import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { UserError } from '../engine/index.ts';
import { writeFileAtomic } from '../training/index.ts';
import type { EnvironmentRecord } from './environment.ts';
import { SCHEMA_VERSION, type EpochRecord, type ProjectionRecord, type RunSummary } from './records.ts';
import { specificationHash, type Specification } from './specification.ts';

/** The records of one run; see records.ts for what each file is. */
export class RunFolder {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Makes the folder, or takes up the one that is there.
   *
   * @throws {UserError} where it belongs to another specification
   */
  open(specification: Specification, environment: EnvironmentRecord): void {
    mkdirSync(this.folder, { recursive: true });
    const file = this.file('spec.json');
    if (existsSync(file)) {
      const found = specificationHash(readJson(file) as Specification);
      const wanted = specificationHash(specification);
      if (found !== wanted) {
        throw new UserError(
          `${this.folder} holds a run of another specification (hash ${found.slice(0, 8)}, this one has ` +
            `${wanted.slice(0, 8)}). Choose another folder with --out, or remove this one.`,
        );
      }
    }
    if (!existsSync(file)) this.write('spec.json', specification);
    if (!existsSync(this.file('environment.json'))) this.write('environment.json', environment);
  }

  get checkpoints(): string {
    return this.file('checkpoint');
  }

  /** The result, once the run has ended. */
  summary(): RunSummary | undefined {
    return this.read('summary.json') as RunSummary | undefined;
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

  /** The epochs so far. A line that a dying process did not finish is not there. */
  epochs(): EpochRecord[] {
    const file = this.file('metrics.jsonl');
    if (!existsSync(file)) return [];
    const records: EpochRecord[] = [];
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      try {
        records.push(JSON.parse(line) as EpochRecord);
      } catch {
        break;
      }
    }
    return records;
  }

  appendEpoch(record: EpochRecord): void {
    appendFileSync(this.file('metrics.jsonl'), `${JSON.stringify(record)}\n`);
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

function readJson(file: string): Versioned {
  let record: Versioned;
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as Versioned;
  } catch (error) {
    throw new UserError(
      `${file} cannot be read (${String(error)}). Remove the run's folder to start it anew.`,
    );
  }
  if (record.schemaVersion !== SCHEMA_VERSION) {
    throw new UserError(
      `${file} has the schema version ${String(record.schemaVersion)}; this release reads ${SCHEMA_VERSION}.`,
    );
  }
  return record;
}

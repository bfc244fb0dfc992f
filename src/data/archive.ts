import { createReadStream } from 'node:fs';
import { isAbsolute } from 'node:path';

import { Parser, type ReadEntry } from 'tar';

import { UserError } from '../engine/errors.ts';

/** A file to take out of an archive. */
export interface Member {
  /** Its path in the archive. */
  readonly path: string;
  /** The most bytes it may have: a larger one is refused before it is read. */
  readonly limit: number;
}

export interface ReadMembersOptions {
  readonly members: readonly Member[];
  readonly signal?: AbortSignal | undefined;
  /** Receives one member after another, in the archive's order; the next is read when the promise is fulfilled. */
  readonly take: (path: string, bytes: Buffer) => Promise<void>;
}

/**
 * Reads chosen members of a tar.gz into memory, one at a time. Nothing is written and no path of the archive is
 * followed: only regular files under exactly the wanted names count, whatever else is in it.
 *
 * @throws {UserError} where the archive is damaged, a member is missing, no file, or larger than its limit, or a path
 *   leads out of the archive
 */
export async function readMembers(archive: string, options: ReadMembersOptions): Promise<void> {
  const wanted = new Map(options.members.map((member) => [member.path, member]));
  const ready: { path: string; bytes: Buffer }[] = [];
  let problem: unknown;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const member = wanted.get(entry.path);
      const refuse = (found: string): void => {
        problem ??= new UserError(`${archive} is not the archive that was expected: ${found}.`);
        entry.resume();
      };
      if (isAbsolute(entry.path) || entry.path.split('/').includes('..')) {
        refuse(`found ${entry.path}, which leads out of it`);
        return;
      }
      if (member === undefined) {
        entry.resume();
        return;
      }
      if (entry.type !== 'File') {
        refuse(`${member.path} should be a file; found a ${entry.type}`);
        return;
      }
      if (entry.size > member.limit) {
        refuse(`${member.path} has at most ${member.limit} bytes; found ${entry.size}`);
        return;
      }
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => {
        wanted.delete(member.path);
        ready.push({ path: member.path, bytes: Buffer.concat(chunks) });
      });
    },
  });
  parser.on('error', (error: unknown) => {
    problem ??= new UserError(
      `${archive} is damaged: expected a complete tar.gz; found ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  });
  const takeReady = async (): Promise<void> => {
    if (problem !== undefined) throw problem as Error;
    for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
      options.signal?.throwIfAborted();
      await options.take(next.path, next.bytes);
    }
  };
  // The parser unpacks synchronously, so between two pieces at most the members of one piece wait.
  for await (const chunk of createReadStream(archive, {
    highWaterMark: 1 << 20,
    signal: options.signal,
  }) as AsyncIterable<Buffer>) {
    parser.write(chunk);
    await takeReady();
    if (wanted.size === 0) break;
  }
  if (wanted.size > 0) {
    const ended = new Promise<void>((resolve) => {
      for (const event of ['end', 'error']) parser.once(event, resolve);
    });
    parser.end();
    await ended;
    await takeReady();
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) {
    throw new UserError(`${archive} is not the archive that was expected: ${missing} is missing in it.`);
  }
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

import type { Progress } from '../engine/progress.ts';
import { fileProblem, systemCode } from './fileProblem.ts';

/** What a file's content must hash to. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  readonly value: string;
}

/** As `sha256sum` prints it. */
export const SHA256 = { algorithm: 'sha256', encoding: 'hex' } as const;

/** A SHA-256 as `sha256sum` prints it. */
export function sha256Checksum(value: string): Checksum {
  return { ...SHA256, value };
}

/** The integrity value of an npm package, `sha512-<base64>`. */
export function integrityChecksum(integrity: string): Checksum {
  return { algorithm: 'sha512', encoding: 'base64', value: integrity.slice('sha512-'.length) };
}

/** SHA-256 of bytes in memory, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface HashFileOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  /** Label of the reports. */
  readonly label?: string;
}

/**
 * The hash of a file's content, in the checksum's algorithm and encoding, read in pieces.
 *
 * @throws the signal's reason when aborted
 */
export async function hashFile(
  file: string,
  { algorithm, encoding }: Pick<Checksum, 'algorithm' | 'encoding'>,
  { signal, progress, label = 'checksum' }: HashFileOptions = {},
): Promise<string> {
  const hash = createHash(algorithm);
  let done = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
      done += chunk.length;
      progress?.({ label, done, unit: 'bytes' });
    }
  } catch (error) {
    // Opened it was, and the system does not say which.
    throw systemCode(error) === 'EISDIR' ? fileProblem(error, file) : error;
  }
  return hash.digest(encoding);
}

import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import type { Dispatcher } from 'undici';

import type { Progress } from '../engine/progress.ts';
import { type Checksum, hashFile } from './checksum.ts';
import { fileProblem, systemCode } from './fileProblem.ts';

export interface DownloadOptions {
  readonly url: string;
  /** Where the content goes. What is there already is taken as its beginning and only the rest is asked for. */
  readonly file: string;
  /** Bytes of the whole content. */
  readonly size: number;
  readonly checksum: Checksum;
  /** Label of the progress reports. */
  readonly label: string;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to reach the server; default 5,000, so that an unreachable one costs little. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds without a byte after which a transfer is given up and resumed; default 30,000. */
  readonly stallTimeout?: number | undefined;
  /** Attempts in a row that brought nothing new before it fails; default 4. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt, doubled for each further one; default 500. */
  readonly backoff?: number | undefined;
}

/** Why a download did not come about; the message names the address, what was expected and what was found. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** Whether the same request may do better later. */
  readonly retry: boolean;
  /** Milliseconds the server asked to wait. */
  readonly wait: number | undefined;

  constructor(message: string, options: { retry: boolean; wait?: number | undefined; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retry = options.retry;
    this.wait = options.wait;
  }
}

/** Failures to reach a server at all; the names are those of the system and of undici. */
const UNREACHABLE = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Failures of the file that is written, not of the network. */
const FILE_ERRORS = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'EFBIG',
  'EISDIR',
  'ENOTDIR',
  'ENOENT',
]);

/** Longest time a server's Retry-After is obeyed. */
const LONGEST_WAIT = 30_000;

/**
 * Downloads a file whose size and checksum are known: resumed where it was cut, retried with back-off, through the
 * proxy of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. It ends with the verified content in `file` or with an error;
 * after a cut or an abort `file` keeps what has come, for the next attempt.
 *
 * @throws {DownloadError} where the server cannot be reached, refuses, or sends other content
 * @throws {UserError} where the disk is full or the folder not writable
 * @throws the signal's reason when aborted
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { connectTimeout = 5000, stallTimeout = 30_000, signal, file, checksum } = options;
  const { EnvHttpProxyAgent, interceptors } = await import('undici');
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: connectTimeout },
    proxyTls: { timeout: connectTimeout },
    requestTls: { timeout: connectTimeout },
    headersTimeout: stallTimeout,
    bodyTimeout: stallTimeout,
  });
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: 5 }));
  try {
    for (let startedOver = false; ; startedOver = true) {
      const resumed = await complete(options, dispatcher);
      const found = await hashFile(file, checksum, { signal });
      if (found === checksum.value) return;
      const bytes = await sizeOf(file);
      await rm(file);
      // The beginning may have been of other content, or the server changed the file in between: once more from nothing.
      if (resumed && !startedOver) continue;
      throw new DownloadError(
        `${plainUrl(options.url)} has other content than published: expected ${options.size} bytes with ` +
          `${checksum.algorithm} ${checksum.value}; found ${bytes} bytes with ${found}`,
        { retry: false },
      );
    }
  } catch (error) {
    throw fileProblem(error, file);
  } finally {
    // Not close(): it would wait for transfers that were given up.
    await agent.destroy();
  }
}

/** Requests what is missing until all bytes are there; whether they came in more than one piece. */
async function complete(options: DownloadOptions, dispatcher: Dispatcher): Promise<boolean> {
  const { file, size, signal, attempts = 4, backoff = 500 } = options;
  let best = await sizeOf(file);
  let resumed = best > 0;
  let fruitless = 0;
  while ((await sizeOf(file)) < size) {
    signal?.throwIfAborted();
    try {
      await transfer(options, dispatcher);
    } catch (error) {
      signal?.throwIfAborted();
      const have = await sizeOf(file);
      fruitless = have > best ? 0 : fruitless + 1;
      best = Math.max(best, have);
      resumed ||= have > 0;
      if (!(error instanceof DownloadError) || !error.retry || fruitless >= attempts) throw error;
      await delay(error.wait ?? backoff * 2 ** fruitless, undefined, { signal });
    }
  }
  return resumed;
}

/** One request for what is missing, written to the file as it comes. */
async function transfer(options: DownloadOptions, dispatcher: Dispatcher): Promise<void> {
  const { request } = await import('undici');
  const { url, file, size, signal, label, progress, connectTimeout = 5000, stallTimeout = 30_000 } = options;
  const have = await sizeOf(file);
  // undici's own time-outs do not cover a proxy that accepts the connection and then says nothing.
  const silent = AbortSignal.timeout(connectTimeout + stallTimeout);
  const stop = new AbortController();
  const relay = (): void => {
    stop.abort();
  };
  silent.addEventListener('abort', relay);
  signal?.addEventListener('abort', relay);
  try {
    const response = await request(url, {
      dispatcher,
      signal: stop.signal,
      headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
    });
    silent.removeEventListener('abort', relay);
    // A body that is not read to its end fails when the connection is destroyed; nobody waits for that.
    response.body.on('error', () => undefined);
    let at = await acceptAt(response, { url, have, size, file });
    const handle = await open(file, at === 0 ? 'w' : 'r+');
    try {
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        if (at + chunk.length > size) {
          await handle.truncate(0);
          throw new DownloadError(`${plainUrl(url)} sends more than the ${size} bytes expected`, {
            retry: false,
          });
        }
        await writeFully(handle, chunk, at);
        at += chunk.length;
        progress?.({ label, done: at, total: size, unit: 'bytes' });
      }
    } finally {
      await handle.close();
    }
    if (at < size)
      throw new DownloadError(`${plainUrl(url)} ended after ${at} of ${size} bytes`, { retry: true });
  } catch (error) {
    throw asDownloadError(error, url, silent.aborted);
  } finally {
    silent.removeEventListener('abort', relay);
    signal?.removeEventListener('abort', relay);
  }
}

/** Judges the head of a response: the position at which its body belongs, or an error. */
async function acceptAt(
  { statusCode, headers }: Dispatcher.ResponseData,
  { url, have, size, file }: { url: string; have: number; size: number; file: string },
): Promise<number> {
  const refuse = (found: string, retry: boolean, wait?: number): DownloadError =>
    new DownloadError(`${plainUrl(url)} ${found}`, { retry, wait });
  if (statusCode === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerOf(headers, 'content-range') ?? '');
    if (range && Number(range[1]) === have && (range[2] === '*' || Number(range[2]) === size)) return have;
    await rm(file, { force: true });
    throw refuse(`answered with another part of the file than the one from byte ${have} of ${size}`, true);
  }
  if (statusCode === 200) {
    const length = headerOf(headers, 'content-length');
    if (length === undefined || Number(length) === size) return 0;
    throw refuse(`offers a file of another size: expected ${size} bytes; found ${length}`, false);
  }
  if (statusCode === 416) {
    await rm(file, { force: true });
    throw refuse(`has no bytes from ${have} on: expected a file of ${size} bytes`, have > 0);
  }
  const transient = statusCode === 408 || statusCode === 425 || statusCode === 429 || statusCode >= 500;
  throw refuse(`answered with status ${statusCode}`, transient, retryAfter(headerOf(headers, 'retry-after')));
}

/** What undici or the system threw, as a DownloadError; errors of files pass. */
function asDownloadError(error: unknown, url: string, silent: boolean): unknown {
  if (error instanceof DownloadError) return error;
  if (silent)
    return new DownloadError(`${plainUrl(url)} gave no answer in time`, { retry: true, cause: error });
  const code = systemCode(error);
  if (code === undefined || (FILE_ERRORS.has(code) && (error as NodeJS.ErrnoException).syscall !== 'connect'))
    return error;
  if (UNREACHABLE.has(code)) {
    return new DownloadError(`${plainUrl(url)} cannot be reached (${code})`, { retry: false, cause: error });
  }
  return new DownloadError(`${plainUrl(url)} broke off (${code})`, { retry: true, cause: error });
}

async function writeFully(
  handle: Awaited<ReturnType<typeof open>>,
  chunk: Buffer,
  at: number,
): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, at + written);
    written += bytesWritten;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Milliseconds of a Retry-After header in seconds or as a date. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), LONGEST_WAIT);
}

/** The address without user, password and query, which may be secret. */
export function plainUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

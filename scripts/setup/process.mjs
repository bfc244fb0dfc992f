// @ts-check
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Outcome
 * @property {number | null} status exit status; null where a signal or a failed start ended it
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {NodeJS.ErrnoException} [error] why it could not be started, or that it took too long
 */

/**
 * @typedef {object} RunOptions
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {number} [timeout] milliseconds
 * @property {(line: string) => void} [onLine] receives the lines of standard output instead of `stdout`
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();

/**
 * Runs a program to its end and returns what came of it. Never rejects.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { env, cwd, timeout, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(env === undefined ? {} : { env }),
      ...(cwd === undefined ? {} : { cwd }),
    });
    alive.add(child);
    let stdout = '';
    let stderr = '';
    /** @type {NodeJS.ErrnoException | undefined} */
    let failure;
    const clock =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            failure = new Error(`${command} did not end within ${Math.round(timeout / 1000)} s`);
            child.kill('SIGKILL');
          }, timeout);
    if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', onLine);
    else child.stdout.on('data', (part) => (stdout += String(part)));
    child.stderr.on('data', (part) => (stderr += String(part)));
    /** @param {number | null} status @param {NodeJS.Signals | null} signal */
    const end = (status, signal) => {
      clearTimeout(clock);
      alive.delete(child);
      resolve({ status, signal, stdout, stderr, ...(failure === undefined ? {} : { error: failure }) });
    };
    child.on('error', (error) => {
      failure = error;
      end(null, null);
    });
    child.on('close', end);
  });
}

/** Ends the programs that are running, before this process itself ends. */
export function stopAll() {
  for (const child of alive) child.kill('SIGKILL');
}

/** Makes SIGINT and SIGTERM end the running programs too, and this process with the usual status. */
export function stopOnSignals() {
  for (const [signal, status] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])) {
    process.once(signal, () => {
      stopAll();
      process.exit(status);
    });
  }
}

/**
 * The last lines of a program's output, for a message.
 *
 * @param {string} text
 * @param {number} [lines]
 */
export function tail(text, lines = 3) {
  return text.trim().split('\n').slice(-lines).join('\n').trim();
}

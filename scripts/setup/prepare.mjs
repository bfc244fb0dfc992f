// @ts-check
import { spawn } from 'node:child_process';
import os from 'node:os';

import { WrongUse, ensureDependencies, setup } from './index.mjs';
import { stopAll } from './process.mjs';

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * What every script does first: packages and engine, ready for use. Ends the process with a message where the user
 * asked for what cannot be had.
 *
 * @param {string} root
 */
export async function prepare(root) {
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    stopAll();
    process.exit(statusOf(signal));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await ensureDependencies({ root });
    return await setup({ root });
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    console.error(error.message);
    return process.exit(error.status);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/**
 * Runs a program in this one's place: same terminal, its exit status, and signals reach it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} exit status
 */
export function spawnInPlace(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit' });
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
      // Ctrl-C reaches the child from the terminal itself; a second one could mean "at once" to it.
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, pass);
    const end = (/** @type {number} */ status) => {
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve(status);
    };
    child.on('error', (error) => {
      console.error(error.message);
      end(1);
    });
    child.on('close', (status, signal) => {
      end(status ?? statusOf(signal));
    });
  });
}

/**
 * The status that a shell gives a program that a signal ended.
 *
 * @param {NodeJS.Signals | null} signal
 */
function statusOf(signal) {
  return signal === null ? 1 : 128 + os.constants.signals[signal];
}

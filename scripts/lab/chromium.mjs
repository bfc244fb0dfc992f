// @ts-check
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Names under which systems install it, in the order in which they are looked for. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];

/** Where it lies on macOS and Windows, which put no programs in PATH. */
const APPLICATIONS = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** Longest time for one answer of the browser, in milliseconds. */
const TIMEOUT = 120_000;

/** Time for the browser to end, in milliseconds. */
const CLOSING = 10_000;

/**
 * A Chromium that is installed: the one named in `MSL_CHROMIUM` or `CHROME_PATH`, else the first in `PATH`, else where
 * systems put it.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} its program
 */
export function findChromium(env = process.env) {
  const named = [env['MSL_CHROMIUM'], env['CHROME_PATH']].find((file) => file !== undefined && file !== '');
  if (named !== undefined) return fs.existsSync(named) ? named : undefined;
  const windows = process.platform === 'win32';
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const inPath = NAMES.flatMap((name) =>
    folders.map((folder) => path.join(folder, windows ? `${name}.exe` : name)),
  );
  const others = process.platform === 'darwin' || windows ? APPLICATIONS[windows ? 'win32' : 'darwin'] : [];
  return [...inPath, ...others].find((file) => fs.existsSync(file));
}

/**
 * @callback Evaluate
 * @param {string} expression its value, or the one its promise resolves with, has to be JSON
 * @returns {Promise<unknown>}
 */

/**
 * Opens an empty page in a headless Chromium without network, which is closed afterwards. It is driven through two
 * pipes, so it listens on no port.
 *
 * @template T
 * @param {string} program
 * @param {(evaluate: Evaluate) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withPage(program, work) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-chromium-'));
  const flags = [
    '--headless=new',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-extensions',
    '--disable-dev-shm-usage',
    // WebGL without a graphics card, for three-dimensional figures.
    '--enable-unsafe-swiftshader',
    '--force-device-scale-factor=1',
    '--force-color-profile=srgb',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    'about:blank',
  ];
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const send = connection(child);
  try {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    return await work(async (expression) => {
      const { result, exceptionDetails } = await send(
        'Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true },
        sessionId,
      );
      if (exceptionDetails) {
        const { exception, text } = exceptionDetails;
        throw new Error(String(exception?.description ?? exception?.value ?? text).split('\n')[0]);
      }
      return result.value;
    });
  } finally {
    // By itself it ends its helper processes, which would go on writing into the profile.
    void send('Browser.close', {}).catch(() => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSING);
    await ended;
    clearTimeout(timer);
    try {
      fs.rmSync(profile, { recursive: true, force: true, maxRetries: 8, retryDelay: 50 });
    } catch {
      // Left in the folder for temporary files, which is no reason to fail.
    }
  }
}

/**
 * Chromium's protocol over its pipes: JSON, each message ended by a zero byte.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function connection(child) {
  const input = /** @type {import('node:stream').Writable} */ (child.stdio[3]);
  const output = /** @type {import('node:stream').Readable} */ (child.stdio[4]);
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void, timer: NodeJS.Timeout }>} */
  const waiting = new Map();
  /** @param {Error} error */
  const fail = (error) => {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    waiting.clear();
  };
  /** @type {Buffer[]} */
  let parts = [];
  output.on('data', (/** @type {Buffer} */ chunk) => {
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0)) {
      const message = JSON.parse(Buffer.concat([...parts, chunk.subarray(0, end)]).toString());
      parts = [];
      chunk = chunk.subarray(end + 1);
      const caller = waiting.get(message.id);
      if (!caller) continue; // an event
      waiting.delete(message.id);
      clearTimeout(caller.timer);
      if (message.error) caller.reject(new Error(message.error.message));
      else caller.resolve(message.result);
    }
    parts.push(chunk);
  });
  input.on('error', fail);
  child.on('error', fail);
  child.on('close', () => {
    fail(new Error('Chromium ended'));
  });
  let last = 0;
  /**
   * @param {string} method
   * @param {object} params
   * @param {string} [sessionId]
   * @returns {Promise<any>}
   */
  return (method, params, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error(`Chromium gave no answer to ${method} in ${TIMEOUT / 1000} s`));
      }, TIMEOUT);
      waiting.set(id, { resolve, reject, timer });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}

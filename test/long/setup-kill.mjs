// @ts-check
// Kills the set-up at random moments and runs it again, which must end well; then runs two at once.
//     node test/long/setup-kill.mjs [--rounds 10] [--packages] [--seed 1]
// Works on a copy of the project and a cache of its own, in the folder for temporary files. `--packages` kills the
// installation of the npm packages instead. Needs the network; a round takes about a minute.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    packages: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-setup-kill-'));
const copy = path.join(folder, 'project');
const cache = path.join(folder, 'cache');
for (const name of ['package.json', 'package-lock.json', '.npmrc', 'scripts']) {
  fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
}
const random = generator(Number(values.seed));

try {
  await start().ended;
  empty();
  const whole = await toTheEnd('undisturbed');
  /** @type {number[]} */
  const again = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    empty();
    // Even rounds kill the process alone, whose programs live on; odd ones all of them, as when a container stops.
    const all = round % 2 === 1;
    const moment = random() * whole;
    const victim = start();
    const early = await Promise.race([victim.ended, sleep(moment * 1000, undefined, { ref: false })]);
    if (early === undefined) process.kill(all ? -victim.pid : victim.pid, 'SIGKILL');
    await victim.ended;
    const left = fs.existsSync(cache)
      ? fs.readdirSync(cache).filter((name) => !name.startsWith('.lock'))
      : [];
    const what = `round ${round}: killed ${all ? 'with its programs' : 'alone'} after ${moment.toFixed(1)} s`;
    again.push(await toTheEnd(`${what}, left [${left.join(', ')}]`));
  }
  console.log(
    `again: ${Math.min(...again).toFixed(1)} to ${Math.max(...again).toFixed(1)} s; whole ${whole.toFixed(1)} s`,
  );

  empty();
  const [first, second] = [start(), start()];
  const [one, two] = [await first.ended, await second.ended];
  const words = `${one.words}\n${two.words}`;
  assertThat(one.status === 0 && two.status === 0, 'both set-ups succeed', words);
  assertThat(/waiting for it/.test(words), 'one waits for the other and says so', words);
  assertThat(
    words.match(/^Set-up done/gm)?.length === (values.packages ? 0 : 1) || values.packages,
    'only one builds',
    words,
  );
  checkResult('two at once', words);
  console.log('two at once: ok');
} finally {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 50 });
}

/** Back to where a new user is; the packages stay where the set-up of TensorFlow is what is killed. */
function empty() {
  fs.rmSync(values.packages ? path.join(copy, 'node_modules') : cache, {
    recursive: true,
    force: true,
    maxRetries: 5,
  });
}

/** Starts a set-up in a process group of its own. */
function start() {
  const child = spawn(process.execPath, ['scripts/setup.mjs'], {
    cwd: copy,
    env: { ...process.env, MSL_CACHE: cache },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (part) => (words += String(part)));
  // 'exit' and not 'close': programs that outlive a killed set-up hold its streams open.
  const ended = once(child, 'exit').then(([status]) => ({ status, words }));
  return { pid: /** @type {number} */ (child.pid), ended };
}

/**
 * Runs a set-up that must succeed.
 *
 * @param {string} what
 * @returns {Promise<number>} seconds
 */
async function toTheEnd(what) {
  const began = performance.now();
  const { status, words } = await start().ended;
  const seconds = (performance.now() - began) / 1000;
  assertThat(status === 0, `${what}: exit status 0`, words);
  checkResult(what, words);
  console.log(`${what}: ok in ${seconds.toFixed(1)} s`);
  return seconds;
}

/**
 * The addon is in place and nothing partial is left.
 *
 * @param {string} what
 * @param {string} words
 */
function checkResult(what, words) {
  assertThat(!/not used/.test(words), `${what}: TensorFlow is used`, words);
  const link = path.join(copy, 'node_modules', '@tensorflow', 'tfjs-node', 'lib', 'napi-v8');
  assertThat(fs.existsSync(path.join(link, 'tfjs_binding.node')), `${what}: the addon is linked`, words);
  assertThat(fs.existsSync(path.join(link, 'stamp.json')), `${what}: it was checked`, words);
  const names = fs.readdirSync(cache).map((name) => name.replace(/-.*|\d+$/g, ''));
  assertThat(
    String(names.sort()) === '.lock.,addon,tensorflow',
    `${what}: nothing is left over`,
    String(names),
  );
}

/**
 * @param {boolean} good
 * @param {string} what
 * @param {string} words
 */
function assertThat(good, what, words) {
  if (good) return;
  throw new Error(`Not so: ${what}\n${words}`);
}

/**
 * Repeatable numbers in [0, 1): Marsaglia's xorshift32.
 *
 * @param {number} seed
 */
function generator(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

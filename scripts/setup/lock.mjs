// @ts-check
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Who holds a lock. A process number alone is used again by the system; with its start it is unique.
 *
 * @typedef {object} Owner
 * @property {number} pid
 * @property {string} started
 * @property {string} host
 * @property {boolean} [released]
 * @property {{ pid: number, started: string }[]} [helpers] programs that may outlive it
 */

/**
 * Makes a program hold the lock too: where this process is killed, it stays held until that program ends.
 *
 * @typedef {(pid: number | undefined) => void} HoldFor
 */

/** Between two looks at a lock that another process holds, milliseconds. */
const LOOK_EVERY = 150;
/** An owner on another machine is alive as long as it touches its ticket; milliseconds. */
const TOUCH_EVERY = 5_000;
const FOREIGN_SILENCE = 60_000;
/** A ticket without readable content is being written, or its writer was killed at that moment; milliseconds. */
const WRITING = 3_000;
/** What is added to a ticket's name while it is rewritten. */
const BESIDE = '-new';

/**
 * Does `work` while no other process does, on this machine, under the same name. A lock whose owner died is taken
 * over.
 *
 * The lock is a row of numbered tickets `NAME.1`, `NAME.2`, ...: the highest one's owner holds it. A process takes
 * the next number when that owner is gone or has released it. Taking over a lock by deleting it would let two
 * processes delete each other's; a number can be created only once, and the highest is never deleted.
 *
 * @template T
 * @param {string} name path of the lock
 * @param {(holdFor: HoldFor) => Promise<T>} work
 * @param {{ onWait?: (owner: Owner) => void }} [options] `onWait` is called once where another process holds it
 * @returns {Promise<T>}
 */
export async function withLock(name, work, { onWait } = {}) {
  fs.mkdirSync(path.dirname(name), { recursive: true });
  let ticket = take(name);
  for (let told = false; ticket === undefined; ticket = take(name)) {
    const holder = readOwner(`${name}.${highest(name)}`);
    if (!told && holder !== undefined) {
      told = true;
      onWait?.(holder);
    }
    await sleep(LOOK_EVERY);
  }
  const held = ticket;
  const touch = setInterval(() => {
    fs.utimes(held, new Date(), new Date(), () => undefined);
  }, TOUCH_EVERY);
  touch.unref();
  /** @type {{ pid: number, started: string }[]} */
  const helpers = [];
  try {
    return await work((pid) => {
      const started = pid === undefined ? undefined : startOf(pid);
      if (pid === undefined || started === undefined) return;
      helpers.push({ pid, started });
      rewrite(held, { ...myself(), helpers });
    });
  } finally {
    clearInterval(touch);
    rewrite(held, { ...myself(), released: true });
  }
}

/**
 * Takes the next ticket if the highest one is free.
 *
 * @param {string} name
 * @returns {string | undefined} the ticket's path
 */
export function take(name) {
  const top = highest(name);
  if (top > 0 && isHeld(`${name}.${top}`)) return undefined;
  const ticket = `${name}.${top + 1}`;
  try {
    fs.writeFileSync(ticket, JSON.stringify(myself()), { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
  const now = highest(name);
  if (now !== top + 1) {
    // While this process was between its two looks, others took this number and higher ones, and tidied up.
    if (now > top + 1) fs.rmSync(ticket, { force: true });
    return undefined;
  }
  for (const number of tickets(name)) {
    if (number >= now) continue;
    fs.rmSync(`${name}.${number}`, { force: true });
    fs.rmSync(`${name}.${number}${BESIDE}`, { force: true });
  }
  return ticket;
}

/**
 * @param {string} ticket
 * @param {Owner} owner
 */
function rewrite(ticket, owner) {
  try {
    fs.writeFileSync(ticket + BESIDE, JSON.stringify(owner));
    fs.renameSync(ticket + BESIDE, ticket);
  } catch {
    // A folder that is gone or a full disk: this process's end frees the ticket as well.
  }
}

/**
 * @param {string} name
 * @returns {number[]}
 */
function tickets(name) {
  const start = `${path.basename(name)}.`;
  return fs
    .readdirSync(path.dirname(name))
    .filter((file) => file.startsWith(start) && /^\d+$/.test(file.slice(start.length)))
    .map((file) => Number(file.slice(start.length)));
}

/** @param {string} name */
function highest(name) {
  return Math.max(0, ...tickets(name));
}

/** @param {string} ticket */
function isHeld(ticket) {
  const owner = readOwner(ticket);
  let age;
  try {
    age = Date.now() - fs.statSync(ticket).mtimeMs;
  } catch {
    return false;
  }
  if (owner === undefined) return age < WRITING;
  if (owner.released === true) return false;
  if (owner.host !== os.hostname()) return age < FOREIGN_SILENCE;
  return [owner, ...(owner.helpers ?? [])].some(({ pid, started }) => startOf(pid) === started);
}

/**
 * @param {string} ticket
 * @returns {Owner | undefined}
 */
function readOwner(ticket) {
  try {
    return JSON.parse(fs.readFileSync(ticket, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @returns {Owner} */
function myself() {
  return { pid: process.pid, started: startOf(process.pid) ?? '', host: os.hostname() };
}

/**
 * When a process started, in the system's own words.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined where there is no such process
 */
export function startOf(pid) {
  if (process.platform === 'linux') {
    try {
      // The name in parentheses may contain anything; the fields after it are numbers. Field 3 is the state
      // ('Z': ended, its parent has not looked yet), field 22 the start in clock ticks after boot.
      const fields = fs
        .readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const started = (stdout ?? '').trim();
  return started === '' ? undefined : started;
}

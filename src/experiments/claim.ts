/** Who is at work in the folder of a run: one process at a time. */
import {
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { isAlive, namingFile, UserError } from '../engine/index.ts';

/** A number alone is used again by the system; with its start it is one process. */
interface Owner {
  readonly pid: number;
  /** In the system's own words; empty where it does not say. */
  readonly started: string;
  readonly host: string;
}

const TICKET = /^owner\.(\d+)$/;
/** An owner on another machine, which shares the folder, lives as long as it touches its ticket; milliseconds. */
const TOUCH_EVERY = 5_000;
const SILENCE = 60_000;
/** A ticket without readable content is being written, or its writer died at that moment, or it was released; milliseconds. */
const WRITING = 3_000;

/** What ends a claim. */
export interface Claim {
  /**
   * @param ended whether nobody has anything left to do in the folder, so that no ticket need stay
   */
  release(ended: boolean): void;
}

/**
 * Claims a folder for this process. What a process claimed that has died is free.
 *
 * A claim is the highest of the tickets `owner.1`, `owner.2`, … in the folder: its owner is at work as long as it lives and has
 * not released it. Who would take over by removing another's file could remove that of a third, who was faster; a number can be
 * made only once, and the highest one stays.
 *
 * @throws {UserError} where another process is at work in it
 */
export function claimFolder(folder: string): Claim {
  const ticket = take(folder);
  if (ticket === undefined) {
    const owner = ownerOf(folder);
    const where = owner === undefined || owner.host === os.hostname() ? '' : ` on ${owner.host}`;
    throw new UserError(
      `${owner === undefined ? 'Another process' : `Process ${owner.pid}${where}`} is at work on the run in ${folder}. Wait ` +
        'for it, or stop it; then give the same command again.',
    );
  }
  const touch = setInterval(() => {
    const now = new Date();
    quietly(() => {
      utimesSync(ticket, now, now);
    });
  }, TOUCH_EVERY);
  touch.unref();
  return {
    release: (ended) => {
      clearInterval(touch);
      quietly(() => {
        if (ended) {
          rmSync(ticket, { force: true });
          return;
        }
        // An old ticket without content: that takes no room on a full disk.
        truncateSync(ticket);
        utimesSync(ticket, 0, 0);
      });
    },
  };
}

/** Who is at work in a folder; `undefined` where nobody is. */
export function ownerOf(folder: string): { readonly pid: number; readonly host: string } | undefined {
  const top = highest(folder);
  if (top === 0) return undefined;
  const ticket = ticketOf(folder, top);
  return isHeld(ticket) ? readOwner(ticket) : undefined;
}

/** The next ticket, where the highest one is free. */
function take(folder: string): string | undefined {
  const top = highest(folder);
  if (top > 0 && isHeld(ticketOf(folder, top))) return undefined;
  const ticket = ticketOf(folder, top + 1);
  try {
    namingFile(ticket, () => {
      writeFileSync(ticket, JSON.stringify(myself()), { flag: 'wx' });
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const now = highest(folder);
  if (now > top + 1) {
    // Between the two looks others took this number and higher ones, and tidied up.
    rmSync(ticket, { force: true });
    return undefined;
  }
  for (const number of tickets(folder)) {
    if (number < now) rmSync(ticketOf(folder, number), { force: true });
  }
  return ticket;
}

function isHeld(ticket: string): boolean {
  const owner = readOwner(ticket);
  const touched = quietly(() => statSync(ticket).mtimeMs);
  if (touched === undefined) return false;
  const age = Date.now() - touched;
  if (owner === undefined) return age < WRITING;
  return owner.host === os.hostname() ? startOf(owner.pid) === owner.started : age < SILENCE;
}

function readOwner(ticket: string): Owner | undefined {
  return quietly(() => JSON.parse(readFileSync(ticket, 'utf8')) as Owner);
}

function tickets(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const number = TICKET.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

const highest = (folder: string): number => Math.max(0, ...tickets(folder));

const ticketOf = (folder: string, number: number): string => path.join(folder, `owner.${number}`);

const myself = (): Owner => ({ pid: process.pid, started: startOf(process.pid) ?? '', host: os.hostname() });

/** When a process started; empty where the system does not say; `undefined` where there is no such process. */
function startOf(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== 'linux') return '';
  // The name in parentheses may contain anything. Of the fields after it the first is the state (Z: it has ended, and its
  // parent has not looked yet), the 20th the start in clock ticks.
  const text = quietly(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.replace(/^.*\) /s, '').split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/** What it gives; `undefined` where it fails: a file that is gone, a disk that is full. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

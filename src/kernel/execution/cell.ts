import type { Message } from '../wire/messages.ts';
import { takeInterrupt } from '../wire/shared.ts';
import { createContext } from './context.ts';
import type { CellOutput } from './output.ts';

/** A cell that runs or ran. Timers and promises that it started still belong to it. */
export interface Cell {
  readonly request: Message;
  /** `In[3]`, as stack traces name it. */
  readonly name: string;
  readonly code: string;
  readonly output: CellOutput;
  /** Aborted when the cell is interrupted. */
  readonly abort: AbortController;
}

const context = createContext<Cell>();
let latest: Cell | undefined;

/** Runs a function, and all that it starts, as part of a cell. */
export function inCell<T>(cell: Cell, run: () => T): T {
  latest = cell;
  return context.run(cell, run);
}

/** Runs a function, and all that it starts, as part of the cell it belongs to, but with another output. */
export function withOutput<T>(output: CellOutput, run: () => T): T {
  const cell = owner();
  return cell ? context.run({ ...cell, output }, run) : run();
}

/** A function that belongs to the cell in which this is called, whoever calls it later. */
export const bindToCell = context.bind;

/** The cell that an error comes from that nobody caught. */
export const cellOf = context.ownerOf;

/** Code of a cell was ended from outside: what runs next belongs to none. */
export const leaveCell = context.forget;

/** The cell that output belongs to: the one that started what runs now, or else the latest. */
export const owner = (): Cell | undefined => context.get() ?? latest;

/** What an interrupted cell fails with. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** @param cell its name; a later cell may wait for what it has left */
  constructor(cell = 'the cell') {
    super(`${cell} was interrupted`);
  }
}

/** The cells that run, by what the copies of a cell have in common. */
const running = new Set<AbortController>();

/** From now on a cell runs; returns what ends that. */
export function beginCell({ abort }: Cell): () => void {
  running.add(abort);
  return () => {
    running.delete(abort);
  };
}

let shared: Int32Array = new Int32Array(1);

/** Gives loops the memory in which an interrupt is seen, as the global `stop·` (language/interruptible.ts). */
export function watchForInterrupts(memory: Int32Array): void {
  shared = memory;
  Object.defineProperty(globalThis, 'stop·', { value: memory, configurable: true });
}
watchForInterrupts(shared);

/**
 * Cells and the project's own modules call this after each await, and in loops once an interrupt waits: what an
 * interrupted cell left waiting does not go on. Returns its argument.
 *
 * An interrupt is meant for the cells that run: what an earlier one does in the background leaves it to them.
 */
export function resume<T>(value: T): T {
  const cell = context.get();
  const isMeant = cell === undefined || running.size === 0 || running.has(cell.abort);
  if (cell?.abort.signal.aborted === true || (isMeant && takeInterrupt(shared)))
    throw new Interrupted(cell?.name);
  return value;
}

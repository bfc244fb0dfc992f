import { AsyncLocalStorage } from 'node:async_hooks';

import type { Message } from '../wire/messages.ts';
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

const current = new AsyncLocalStorage<Cell>();
let latest: Cell | undefined;

/** Runs a function, and all that it starts, as part of a cell. */
export function inCell<T>(cell: Cell, run: () => T): T {
  latest = cell;
  return current.run(cell, run);
}

/** The cell that started what runs now. */
export const startedBy = (): Cell | undefined => current.getStore();

/** The cell that output belongs to: the one that started what runs now, or else the latest. */
export const owner = (): Cell | undefined => current.getStore() ?? latest;

/** What an interrupted cell fails with. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(message = 'the cell was interrupted') {
    super(message);
  }
}

/**
 * Cells and the project's own modules call this after each await: what an interrupted cell left waiting does not
 * go on. Returns its argument.
 */
export function resume<T>(value: T): T {
  const cell = current.getStore();
  if (cell?.abort.signal.aborted === true) throw new Interrupted();
  return value;
}

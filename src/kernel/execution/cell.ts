import type { Message } from '../wire/messages.ts';
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
  constructor(message = 'the cell was interrupted') {
    super(message);
  }
}

/**
 * Cells and the project's own modules call this after each await: what an interrupted cell left waiting does not
 * go on. Returns its argument.
 */
export function resume<T>(value: T): T {
  if (context.get()?.abort.signal.aborted === true) throw new Interrupted();
  return value;
}

/**
 * Where a notebook's names live: one box a name for the whole session. Cells are converted so that they read and
 * write `box.v`; a function of an earlier cell then sees what a later cell changes or declares anew, as in Python.
 */
export interface Box {
  v: unknown;
}

/** The boxes of a session. */
export class Boxes {
  private readonly boxes = new Map<string, Box>();

  /** The box of a name; a new one holds undefined. */
  get(name: string): Box {
    const known = this.boxes.get(name);
    if (known) return known;
    const box: Box = { v: undefined };
    this.boxes.set(name, box);
    return box;
  }

  /** The names that hold a value, with it. */
  entries(): (readonly [name: string, value: unknown])[] {
    return [...this.boxes].flatMap(([name, { v }]) => (v === undefined ? [] : [[name, v] as const]));
  }

  /** Forgets all names; functions of earlier cells keep theirs. */
  clear(): void {
    this.boxes.clear();
  }
}

/** Makes a box follow a value that lives elsewhere, as imports do, until it is assigned to. */
export function link(box: Box, value: () => unknown): void {
  Object.defineProperty(box, 'v', {
    get: value,
    set: (assigned: unknown) => {
      Object.defineProperty(box, 'v', { value: assigned, writable: true });
    },
    configurable: true,
    enumerable: true,
  });
}

/**
 * Which of the names that a cell declares it has assigned: those whose box changed, and new ones that are not
 * undefined. For a cell that failed halfway.
 */
export function assignedSince(boxes: Boxes, before: ReadonlyMap<string, unknown>): string[] {
  return [...before].filter(([name, value]) => !Object.is(boxes.get(name).v, value)).map(([name]) => name);
}

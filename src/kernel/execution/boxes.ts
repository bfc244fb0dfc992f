/**
 * Where a notebook's names live: one box a name for the whole session. Cells are converted so that they read and
 * write `box.v`; a function of an earlier cell then sees what a later cell changes or declares anew, as in Python.
 */
export interface Box {
  v: unknown;
}

/**
 * A box without a `v` of its own is one whose declaration has not run: what it inherits refuses to be read. The
 * first assignment gives it one, by which it has the same hidden class as all others, and code that uses it stays fast.
 */
class NamedBox implements Box {
  readonly name: string;
  declare v: unknown;

  constructor(name: string) {
    this.name = name;
    initialise(this, undefined);
  }
}

/** As `object.v = value` where nothing is inherited. */
function initialise(box: object, value: unknown): void {
  Object.defineProperty(box, 'v', { value, writable: true, enumerable: true, configurable: true });
}

Object.defineProperty(NamedBox.prototype, 'v', {
  get(this: NamedBox): never {
    throw new ReferenceError(`Cannot access '${this.name}' before initialization`);
  },
  set(this: NamedBox, value: unknown) {
    initialise(this, value);
  },
});

/** The declaration of a box's name has not run yet: reading it fails until it is assigned to. */
export function uninitialised(box: Box): void {
  Reflect.deleteProperty(box, 'v');
}

/** The boxes of a session. */
export class Boxes {
  private readonly boxes = new Map<string, Box>();

  /** The box of a name; a new one holds undefined. */
  get(name: string): Box {
    const known = this.boxes.get(name);
    if (known) return known;
    const box = new NamedBox(name);
    this.boxes.set(name, box);
    return box;
  }

  /** The value of a name; undefined where its declaration has not run. */
  value(name: string): unknown {
    const box = this.get(name);
    return Object.hasOwn(box, 'v') ? box.v : undefined;
  }

  /** The names that hold a value, with it. */
  entries(): (readonly [name: string, value: unknown])[] {
    return [...this.boxes.keys()].flatMap((name) => {
      const value = this.value(name);
      return value === undefined ? [] : [[name, value] as const];
    });
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
      initialise(box, assigned);
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
  return [...before].filter(([name, value]) => !Object.is(boxes.value(name), value)).map(([name]) => name);
}

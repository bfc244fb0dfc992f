import { assignedSince, Boxes, link, uninitialised, type Box } from './boxes.ts';
import { inCell, resume, type Cell } from './cell.ts';
import { nextTurn, setImmediate } from './clock.ts';
import { describeError, type Excerpt, type Failure } from './errors.ts';
import { interop, type Modules } from './modules.ts';

/** A cell as the language thread hands it over; see language/cell.ts. */
export interface ConvertedCell {
  readonly id: number;
  /** The text of a function of the boxes and the runtime `$`; undefined where there is nothing to run. */
  readonly code?: string;
  /** The boxes that it takes, in order. */
  readonly names: readonly string[];
  /** The names that it declares. */
  readonly declared: readonly string[];
  /** Files of the project that changed. */
  readonly changed: readonly string[];
  /** What the compiler refuses. */
  readonly diagnostics: readonly { readonly message: string; readonly text: string }[];
}

/** The language thread, as far as running cells needs it. */
export interface CellLanguage {
  convert(code: string, options: { cell: string }): Promise<ConvertedCell>;
  /** Tells which of a cell's names exist now. */
  keep(id: number, names: readonly string[] | 'all'): Promise<void>;
  reset(): Promise<void>;
}

/** How a cell ended. */
export interface Outcome {
  readonly failures: readonly Failure[];
  /** The value of the last expression, where there is one. */
  readonly result?: { readonly value: unknown };
}

interface Running {
  readonly cell: Cell;
  readonly failures: Failure[];
}

/** `import.meta` in a cell. */
interface ImportMeta {
  readonly url: string;
  readonly filename: string;
  readonly dirname: string;
  readonly resolve: (name: string) => string;
}

/** The value that a cell's function gets as `$`. */
interface Runtime {
  result(value: unknown): void;
  require(name: string): unknown;
  import(name: string): Promise<unknown>;
  interop(module: unknown): unknown;
  link(box: Box, value: () => unknown): void;
  uninitialised(box: Box): void;
  readonly meta: ImportMeta;
}

/** The runtime is called `$··` in a cell that has a `$` of its own. */
const REQUIRED = /\$(?:··)?\.require\("((?:[^"\\]|\\.)+)"\)/g;

/** Under this name cells and the project's modules find {@link resume}. */
Object.defineProperty(globalThis, 'resume·', { value: resume });

/** Runs cells: one value for each name of the notebook, errors described, interruptible. */
export class Interpreter {
  readonly boxes = new Boxes();
  private readonly language: CellLanguage;
  private readonly modules: Modules;
  private readonly meta: Runtime['meta'];
  private readonly excerpt: Excerpt;
  private readonly running = new Set<Running>();

  constructor(options: {
    readonly language: CellLanguage;
    readonly modules: Modules;
    readonly meta: Runtime['meta'];
    readonly excerpt: Excerpt;
  }) {
    this.language = options.language;
    this.modules = options.modules;
    this.meta = options.meta;
    this.excerpt = options.excerpt;
  }

  describe(error: unknown): Failure {
    return describeError(error, this.excerpt);
  }

  /** Runs a cell to its end. Never rejects. */
  async run(cell: Cell, code: string): Promise<Outcome> {
    const running: Running = { cell, failures: [] };
    this.running.add(running);
    try {
      const outcome = await this.perform(cell, code);
      // With what failed beside the cell's own flow meanwhile.
      const failures = [...outcome.failures, ...running.failures];
      return failures.length > 0 ? { failures } : outcome;
    } finally {
      this.running.delete(running);
    }
  }

  private async perform(cell: Cell, code: string): Promise<Outcome> {
    let converted: ConvertedCell;
    try {
      converted = await this.language.convert(code, { cell: cell.name });
      // Before an interrupt ends the cell: what changed is told only once.
      this.modules.forget(converted.changed);
      cell.abort.signal.throwIfAborted();
    } catch (error) {
      return { failures: [this.describe(error)] }; // of the compiler or of a magic
    }
    if (converted.diagnostics.length > 0) {
      const failures = converted.diagnostics.map(({ message, text }) => ({
        name: 'TypeScriptError',
        message,
        text,
      }));
      return { failures };
    }
    const before = new Map(converted.declared.map((name) => [name, this.boxes.value(name)]));
    const outcome = await this.evaluate(cell, converted);
    const failed = outcome.failures.length > 0;
    await this.language.keep(converted.id, failed ? assignedSince(this.boxes, before) : 'all');
    return outcome;
  }

  private async evaluate(cell: Cell, { code, names }: ConvertedCell): Promise<Outcome> {
    if (code === undefined) return { failures: [] };
    let result: { value: unknown } | undefined;
    const runtime: Runtime = {
      result: (value) => (result = { value }),
      require: this.modules.require,
      import: this.modules.import,
      interop,
      link,
      uninitialised,
      meta: this.meta,
    };
    const boxes = names.map((name) => this.boxes.get(name));
    const packages = [...code.matchAll(REQUIRED)].map((found) => JSON.parse(`"${found[1]!}"`) as string);
    const { signal } = cell.abort;
    const ended = new AbortController();
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener(
          'abort',
          () => {
            reject(signal.reason as Error);
          },
          { signal: ended.signal },
        );
        const run = async (): Promise<void> => {
          await this.modules.prepare(packages);
          signal.throwIfAborted();
          const evaluate = (0, eval)(`(${code}\n)\n//# sourceURL=${cell.name}`) as (
            ...args: unknown[]
          ) => unknown;
          await evaluate(...boxes, runtime);
        };
        // A turn of its own: where synchronous code is stopped, everything that stands on the stack ends with it.
        setImmediate(() => {
          inCell(cell, () => {
            run().then(resolve, reject);
          });
        });
      });
      await nextTurn(); // rejections that this cell left unhandled are reported now
      return { failures: [], ...(result ? { result } : {}) };
    } catch (error) {
      return { failures: [this.describe(error)] };
    } finally {
      ended.abort();
    }
  }

  /** An error outside any cell's own flow fails the cell that runs; false where none does. */
  failRunning(failure: Failure, startedBy: Cell | undefined): boolean {
    const all = [...this.running];
    const running = all.find(({ cell }) => cell.name === startedBy?.name) ?? all.at(-1);
    if (!running) return false;
    const from = startedBy && startedBy.name !== running.cell.name ? `From ${startedBy.name}: ` : '';
    running.failures.push({ ...failure, text: from + failure.text });
    return true;
  }

  async reset(): Promise<void> {
    this.boxes.clear();
    await this.language.reset();
  }
}

/** The thread of the compiler: main asks it for cells and modules, the sockets' thread for completions. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { workerData, type MessagePort } from 'node:worker_threads';

import { cache } from '../cache.cjs';
import { createLanguage, type LanguageMethods } from '../language/language.ts';
import { findProject } from '../language/project.ts';
import { garbageCollector } from './garbage.ts';
import { serve } from '../rpc.ts';

const { main, sockets, folder } = workerData as {
  readonly main: MessagePort;
  readonly sockets: MessagePort;
  /** The notebook's. */
  readonly folder: string;
};

/** Milliseconds without a cell after which the kernel is taken to wait for its reader. */
const QUIET = 300;

const language = createLanguage(findProject(folder));
language.convert(''); // what the first cell would otherwise wait for
const ahead = setTimeout(() => void lookAhead(), QUIET).unref();
const methods: LanguageMethods = {
  ...language,
  convert: (...cell) => {
    clearTimeout(ahead);
    return language.convert(...cell);
  },
};
const collect = garbageCollector();
serve(main, methods, collect);
serve(sockets, methods, collect);

// Once the first cells have been answered.
setTimeout(() => {
  cache.prune();
}, 10_000).unref();

/**
 * Reads, checks and compiles what the notebook imports: that takes seconds, which the reader has before the first cell is
 * run. Jupyter's server names the notebook; who runs all cells at once does not, and would wait for it.
 */
async function lookAhead(): Promise<void> {
  const notebook = process.env['JPY_SESSION_NAME'];
  if (notebook === undefined) return;
  // Not at the start of every kernel: it reads files by means of a library.
  const { notebookImports } = await import('../tools/notebookImports.ts');
  const cell = notebookImports(notebook);
  if (cell === undefined) return;
  // What is wrong with a file, or with the compiler, the cell says that meets it.
  const quietly = (work: () => unknown): void => {
    try {
      work();
    } catch {
      /* empty */
    }
  };
  quietly(() => language.convert(cell));
  for (const file of language.importedFiles()) {
    await nextTurn(); // questions come first
    quietly(() => language.load(file));
  }
}

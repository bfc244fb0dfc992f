import { setImmediate as nextTurn } from 'node:timers/promises';

import { compilerForTslab } from './compiler.ts';
import { describeError, describeReport, type Failure } from './errors.ts';
import { SourceFiles } from './files.ts';
import { awaits, stopFlag, stoppable } from './loops.ts';
import { LocalModules } from './modules.ts';
import type { Project } from './project.ts';
import { cellFile, Resolver } from './resolve.ts';
import { loadTslab, type Completeness, type Completions, type Converter } from './tslab.ts';

/** The state of a notebook: the names that its cells declared, and what is needed to run the next one. */
export interface Session {
  /**
   * Runs a cell and returns what failed: nothing where it ran to its end. `onResult` receives the value of its
   * last expression, unless that is undefined or null.
   */
  run(code: string, onResult: (value: unknown) => void): Promise<readonly Failure[]>;
  /** Ends what the running cell waits for. */
  interrupt(): void;
  /** Names that could stand at a position (a UTF-16 index). */
  complete(code: string, position: number): Completions;
  /** Type and documentation of the name at a position. */
  inspect(code: string, position: number): string | undefined;
  isComplete(code: string): Completeness;
  close(): void;
}

/** tslab's converter with the project's modules, top-level await of any form and stoppable loops. */
function cellConverter(converter: Converter, project: Project, modules: LocalModules): Converter {
  return {
    ...converter,
    convert(declarations, code) {
      const result = converter.convert(declarations, code);
      if (result.output === undefined) return result;
      result.output = modules.link(result.output, cellFile(project));
      if (awaits(code)) {
        result.hasToplevelAwait = true;
        result.output = stoppable(result.output);
      }
      return result;
    },
  };
}

/** Starts the compiler, which takes about a second. */
export function createSession(project: Project): Session {
  const resolver = new Resolver(project);
  const files = new SourceFiles(project.root);
  const modules = new LocalModules(resolver);
  const tslab = loadTslab(compilerForTslab(project, resolver, files));

  let running = false;
  let failures: Failure[] = [];
  let onResult: (value: unknown) => void = () => undefined;
  const executor = tslab.createExecutor(
    project.root,
    cellConverter(tslab.createConverter(), project, modules),
    {
      error: (...report) => failures.push(describeReport(report)),
      log: (value) => {
        onResult(value);
      },
    },
  );

  // An error in a timer, or in a promise that nobody waits for, fails the cell that is running.
  const onLateError = (what: string) => (error: unknown) => {
    const failure = describeError(error);
    if (running) failures.push(failure);
    else process.stderr.write(`${what} ${failure.text}\n`);
  };
  process.on('uncaughtException', onLateError('Uncaught exception outside a cell:'));
  process.on('unhandledRejection', onLateError('Unhandled promise rejection:'));

  return {
    async run(code, onCellResult) {
      failures = [];
      onResult = onCellResult;
      stopFlag[0] = 0;
      modules.forget(files.refresh());
      running = true;
      try {
        await executor.execute(code);
      } catch (error) {
        failures.push(describeError(error)); // of the compiler itself
      }
      await nextTurn(); // rejections that this cell left unhandled are reported now
      running = false;
      return failures;
    },
    interrupt: () => {
      stopFlag[0] = 0;
      executor.interrupt();
    },
    complete: (code, position) => executor.complete(code, position),
    inspect: (code, position) => {
      const info = executor.inspect(code, position);
      return info && tslab.printQuickInfo(info);
    },
    isComplete: (code) => tslab.isCompleteCode(code),
    close: () => {
      executor.close();
    },
  };
}

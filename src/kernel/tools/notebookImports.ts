import ts from 'typescript';

import { cellsOf } from './documents.ts';

/**
 * A cell that imports all that the cells of a notebook's file import; undefined where they import nothing, or nothing of it
 * can be read: nobody asked for it, so nothing is thrown.
 */
export function notebookImports(file: string): string | undefined {
  try {
    const names = (cellsOf(file, file) ?? [])
      .flatMap(({ code }) => ts.preProcessFile(code).importedFiles)
      .map(({ fileName }) => fileName);
    if (names.length === 0) return undefined;
    return [...new Set(names)].map((name) => `import ${JSON.stringify(name)};`).join('\n');
  } catch {
    return undefined;
  }
}

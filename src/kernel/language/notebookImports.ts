import fs from 'node:fs';

import ts from 'typescript';

/** Bytes of a notebook's file above which it is not read for its imports: pictures, which take their time. */
const LARGE = 20e6;

/**
 * A cell that imports all that the cells of a notebook's file import; undefined where there is none, or nothing that can be
 * read. Nobody asked for it, so nothing is thrown.
 */
export function notebookImports(file: string | undefined): string | undefined {
  try {
    if (file === undefined || fs.statSync(file).size > LARGE) return undefined;
    const { cells } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      readonly cells: readonly { readonly cell_type: string; readonly source: string | readonly string[] }[];
    };
    const names = cells
      .filter(({ cell_type }) => cell_type === 'code')
      .flatMap(({ source }) => ts.preProcessFile([source].flat().join('')).importedFiles)
      .map(({ fileName }) => fileName);
    if (names.length === 0) return undefined;
    return [...new Set(names)].map((name) => `import ${JSON.stringify(name)};`).join('\n');
  } catch {
    return undefined;
  }
}

/**
 * The types of notebooks without running them: every cell in order, through the same converter that the kernel asks,
 * so that the check agrees with what a cell says, and names may be declared anew from cell to cell.
 */
import path from 'node:path';

import { createLanguage, type LanguageMethods } from '../language/language.ts';
import { declaredNames } from '../language/magics/syntax.ts';
import { findProject } from '../language/project.ts';
import { cellsOf } from './documents.ts';

export interface CheckedDocument {
  readonly file: string;
  /** How many cells were looked at; undefined for a notebook in another language. */
  readonly cells?: number;
  /** In colours, each with the line of the source and a mark under the place. */
  readonly errors: readonly string[];
}

/** "Cannot find name 'x'", also with a suggestion, for a shorthand property, and for a type's namespace. */
const UNKNOWN_NAME = new Set([2304, 2552, 2503, 18004, 2580, 2582, 2583, 2584]);

/**
 * Checks notebooks (`.ipynb`) and the fenced `ts` of Markdown files.
 *
 * @param files absolute, or seen from the current folder
 */
export function* checkDocuments(files: readonly string[]): Generator<CheckedDocument> {
  const languages = new Map<string, LanguageMethods>();
  try {
    for (const file of files) {
      const folder = path.dirname(path.resolve(file));
      const cells = cellsOf(file, path.relative('', file));
      if (cells === undefined) {
        yield { file, errors: [] };
        continue;
      }
      let language = languages.get(folder);
      if (language === undefined) languages.set(folder, (language = createLanguage(findProject(folder))));
      yield { file, cells: cells.length, errors: errorsIn(cells, language) };
    }
  } finally {
    for (const language of languages.values()) language.close();
  }
}

function errorsIn(cells: NonNullable<ReturnType<typeof cellsOf>>, language: LanguageMethods): string[] {
  language.reset();
  const errors: string[] = [];
  /** Names that a wrong cell would have declared: that later cells do not find them says nothing new. */
  const missing = new Set<string>();
  for (const { name, code, mayFail } of cells) {
    const { id, diagnostics } = language.convert(code, { cell: name });
    if (diagnostics.length === 0) {
      language.keep(id, 'all');
      for (const declared of declaredNames(code)) missing.delete(declared);
    } else {
      const told = diagnostics.filter(
        (diagnostic) =>
          !UNKNOWN_NAME.has(diagnostic.code) || !missing.has(/'([^']*)'/.exec(diagnostic.message)?.[1] ?? ''),
      );
      if (!mayFail) errors.push(...told.map(({ text }) => text));
      for (const declared of declaredNames(code)) missing.add(declared);
    }
    if (/^\s*%reset\b/m.test(code)) language.reset();
  }
  return errors;
}

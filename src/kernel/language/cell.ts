/**
 * What a cell is turned into: a function whose parameters are the boxes `{ v }` of the notebook's names. A name
 * `x` that this cell or an earlier one declares at the top level becomes `x·.v` wherever it is read or written,
 * so that a function of an earlier cell sees what a later cell makes of it. Decided by symbols, not by spelling.
 *
 * `cell/boxes.ts` says which names have boxes, `cell/visitor.ts` by what each construct is rewritten, and
 * `cell/statements.ts` in which order the statements of the function come.
 */
import ts from 'typescript';

import { Boxes, type BoxesOptions } from './cell/boxes.ts';
import { CellFunction } from './cell/cellFunction.ts';
import { moduleRemover } from './cell/moduleRemover.ts';
import { cellStatements } from './cell/statements.ts';
import { createRewriting } from './cell/visitor.ts';

/** What the transformation found out about a cell. */
export interface CellShape {
  /** The names whose boxes the function takes, in the order of its parameters. */
  readonly names: readonly string[];
  /** The name of the last parameter, the runtime. */
  readonly runtime: string;
}

export interface CellContext extends BoxesOptions {
  readonly options: ts.CompilerOptions;
  /** What `require` is given for an import: the absolute path of a file of the project. */
  readonly link: (specifier: string) => string;
}

/** The passes before and after the compiler's own. */
export interface CellTransformer {
  readonly before: ts.TransformerFactory<ts.SourceFile>;
  readonly after: ts.TransformerFactory<ts.SourceFile>;
  /** To be asked once the compiler has emitted. */
  shape(): CellShape;
}

/** The transformation of one cell. */
export function cellTransformer(context: CellContext): CellTransformer {
  const { file, options } = context;
  const boxes = new Boxes(context);
  const made = new CellFunction(file);
  return {
    before: (transformation) => (file) => {
      const cell = createRewriting({ boxes, made, link: context.link }, transformation);
      return ts.factory.updateSourceFile(file, cellStatements(file, options, cell));
    },
    after: moduleRemover({ boxes, made, hasMetadata: options.emitDecoratorMetadata === true }),
    shape: () => ({ names: made.names, runtime: made.runtime }),
  };
}

/** A checked cell, as code that can be run and as declarations for later cells. */
import ts from 'typescript';

import { cellTransformer, type CellContext, type CellShape } from './cell.ts';
import { PREFIX } from './converter.ts';
import { interruptible } from './interruptible.ts';
import { localsOf, meaningOf } from './symbols.ts';

/** What the compiler made of a cell. */
export interface Emitted {
  readonly js: string;
  readonly map: string;
  /** The cell's declarations. */
  readonly declarations: string;
  readonly shape: CellShape;
  /** The names that it declares at its top level, and what they mean. */
  readonly meanings: ReadonlyMap<string, { readonly value: boolean; readonly type: boolean }>;
  /** Where the statement that declares a name stands in the cell. */
  readonly places: ReadonlyMap<string, readonly [start: number, end: number]>;
}

export interface EmitOptions extends Omit<CellContext, 'checker'> {
  /** What tslab makes of the declarations. */
  readonly afterDeclarations: ts.CustomTransformers['afterDeclarations'];
}

/** Lets the compiler write a cell. */
export function emitCell(program: ts.Program, { afterDeclarations, ...context }: EmitOptions): Emitted {
  const { file } = context;
  const checker = program.getTypeChecker();
  const transformer = cellTransformer({ ...context, checker });
  const outputs = new Map<string, string>();
  const emit = program.emit.bind(program) as (
    ...args: [...Parameters<ts.Program['emit']>, forced: boolean]
  ) => ts.EmitResult;
  emit(
    file,
    (name, text) => outputs.set(/\.(?:js|jsx|d\.ts|map)$/.exec(name)?.[0] ?? name, text),
    undefined,
    undefined,
    {
      before: [transformer.before, interruptible],
      after: [transformer.after],
      ...(afterDeclarations ? { afterDeclarations } : {}),
    },
    true, // types that cannot be written become `any`: no reason to refuse a cell that can be run
  );
  return {
    js: outputs.get('.js') ?? outputs.get('.jsx') ?? '',
    map: outputs.get('.map') ?? '',
    declarations: (outputs.get('.d.ts') ?? '') + innerVariables(file, checker),
    shape: transformer.shape(),
    ...names(file, checker),
  };
}

/** The names that a cell declares: what they mean, and where. */
function names(file: ts.SourceFile, checker: ts.TypeChecker): Pick<Emitted, 'meanings' | 'places'> {
  const meanings = new Map<string, { value: boolean; type: boolean }>();
  const places = new Map<string, readonly [number, number]>();
  localsOf(file).forEach((symbol, key) => {
    const name = ts.unescapeLeadingUnderscores(key);
    meanings.set(name, meaningOf(checker, symbol));
    let node: ts.Node | undefined = symbol.valueDeclaration ?? symbol.declarations?.[0];
    while (node && node.parent !== file) node = node.parent;
    if (node) places.set(name, [node.getStart(file) - PREFIX.length, node.end - PREFIX.length]);
  });
  return { meanings, places };
}

/** Declarations of `var`s that stand in blocks and heads of loops: the compiler leaves them out. */
function innerVariables(file: ts.SourceFile, checker: ts.TypeChecker): string {
  const found: string[] = [];
  const flags: ts.NodeBuilderFlags =
    ts.NodeBuilderFlags.NoTruncation | ts.NodeBuilderFlags.UseStructuralFallback;
  const printer = ts.createPrinter();
  localsOf(file).forEach((symbol) => {
    let node: ts.Node | undefined = symbol.valueDeclaration;
    if (!(symbol.flags & ts.SymbolFlags.FunctionScopedVariable)) return;
    while (node && !ts.isVariableStatement(node)) node = ts.isSourceFile(node) ? undefined : node.parent;
    if (node?.parent === file) return;
    const type = checker.typeToTypeNode(checker.getTypeOfSymbol(symbol), file, flags);
    const text = type ? printer.printNode(ts.EmitHint.Unspecified, type, file) : 'any';
    found.push(`declare var ${symbol.name}: ${text};\n`);
  });
  return found.join('');
}

/** The parameters of a cell's function, and the pieces of code that use them. */
import ts from 'typescript';

const f = ts.factory;

/** The parameter that holds a name's box. The middle dot may stand in a name, but nobody puts it there. */
export const boxOf = (name: string): string => `${name}\u00b7`;

/** What the runtime gives to cells; see execution/interpreter.ts. */
type Runtime = 'result' | 'require' | 'import' | 'interop' | 'link' | 'uninitialised' | 'meta';

/** The function of one cell: it takes the boxes that its code uses, and the runtime. */
export class CellFunction {
  /** The name of the last parameter, the runtime. */
  readonly runtime: string;
  private readonly used = new Set<string>();

  constructor(file: ts.SourceFile) {
    const { identifiers } = file as unknown as { identifiers?: ReadonlyMap<string, string> };
    this.runtime = identifiers?.has('$') === true ? '$\u00b7\u00b7' : '$';
  }

  /** The names whose boxes the code takes that was made up to now. */
  get names(): string[] {
    return [...this.used];
  }

  /** `x·`, the box itself. */
  box(name: string): ts.Identifier {
    this.used.add(name);
    return f.createIdentifier(boxOf(name));
  }

  /** `x·.v` */
  value(name: string): ts.PropertyAccessExpression {
    return f.createPropertyAccessExpression(this.box(name), 'v');
  }

  /** `x·.v`, which stands where `x` stood. */
  valueAt(name: string, at: ts.Node): ts.PropertyAccessExpression {
    return ts.setSourceMapRange(this.value(name), at);
  }

  /** `$.member` */
  member(name: Runtime): ts.Expression {
    return f.createPropertyAccessExpression(f.createIdentifier(this.runtime), name);
  }

  /** `$.member(…)` */
  call(name: Runtime, ...args: readonly ts.Expression[]): ts.CallExpression {
    return f.createCallExpression(this.member(name), undefined, args);
  }
}

/** `const x = …;` */
export const constant = (name: ts.Identifier, value: ts.Expression): ts.Statement =>
  f.createVariableStatement(
    undefined,
    f.createVariableDeclarationList(
      [f.createVariableDeclaration(name, undefined, undefined, value)],
      ts.NodeFlags.Const,
    ),
  );

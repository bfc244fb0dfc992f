import ts from 'typescript';

import { internals } from './internals.ts';

const f = ts.factory;

/** What the first pass knows of a cell. */
export interface EmittedCell {
  /** Whether a name that the compiler writes itself, for the metadata of decorators, is that of a box. */
  isBoxName(name: string): boolean;
  /** `x·.v` */
  boxAccess(name: string): ts.Expression;
  /** The name of the cell's last parameter. */
  runtime(): string;
  /** Whether decorators have metadata. */
  readonly hasMetadata: boolean;
}

const QUIET: ts.EmitFlags = ts.EmitFlags.NoComments | ts.EmitFlags.NoNestedComments;

/**
 * The second pass, over what the compiler has made: it takes out what is added to a module, `export {}` and the import of
 * JSX's own runtime, and lets the metadata of decorators find the boxes.
 */
export function moduleRemover(cell: EmittedCell): ts.TransformerFactory<ts.SourceFile> {
  return (transformation) => (file) => {
    const inMetadata = (node: ts.Node): ts.Node => {
      if (ts.isIdentifier(node)) return cell.isBoxName(node.text) ? cell.boxAccess(node.text) : node;
      if (ts.isPropertyAccessExpression(node)) {
        const of = ts.visitNode(node.expression, inMetadata) as ts.Expression;
        return f.updatePropertyAccessExpression(node, of, node.name);
      }
      return ts.visitEachChild(node, inMetadata, transformation);
    };
    const visit = (node: ts.Node): ts.Node =>
      ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === '__metadata'
        ? ts.visitEachChild(node, inMetadata, transformation)
        : ts.visitEachChild(node, visit, transformation);
    const visited = cell.hasMetadata ? (visit(file) as ts.SourceFile) : file;
    const statements = visited.statements.flatMap((node): ts.Statement[] => {
      if (ts.isExportDeclaration(node)) return [];
      if (!ts.isImportDeclaration(node)) return [node];
      const named = node.importClause?.namedBindings;
      if (!named || !ts.isNamedImports(named)) return [];
      const elements = named.elements.map((element) =>
        f.createBindingElement(undefined, element.propertyName?.text, element.name),
      );
      const call = f.createCallExpression(
        f.createPropertyAccessExpression(f.createIdentifier(cell.runtime()), 'require'),
        undefined,
        [f.createStringLiteral((node.moduleSpecifier as ts.StringLiteral).text)],
      );
      const declaration = f.createVariableDeclaration(
        f.createObjectBindingPattern(elements),
        undefined,
        undefined,
        call,
      );
      return [
        f.createVariableStatement(
          undefined,
          f.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
        ),
      ];
    });
    // A line comment would swallow what is written behind the node that it belongs to.
    for (const node of statements) {
      const flags: ts.EmitFlags = internals.getEmitFlags(node) | QUIET;
      ts.setEmitFlags(node, flags);
    }
    return f.updateSourceFile(visited, statements);
  };
}

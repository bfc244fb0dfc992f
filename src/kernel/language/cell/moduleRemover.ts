import ts from 'typescript';

import { internals } from '../internals.ts';
import type { Boxes } from './boxes.ts';
import type { CellFunction } from './cellFunction.ts';

const f = ts.factory;

/** What the first pass knows of a cell. */
export interface RewrittenCell {
  readonly boxes: Boxes;
  readonly made: CellFunction;
  /** Whether decorators have metadata. */
  readonly hasMetadata: boolean;
}

const QUIET: ts.EmitFlags = ts.EmitFlags.NoComments | ts.EmitFlags.NoNestedComments;

/**
 * The second pass, over what the compiler has made: it takes out what is added to a module, `export {}` and the import of
 * JSX's own runtime, and lets the metadata of decorators find the boxes.
 */
export function moduleRemover(cell: RewrittenCell): ts.TransformerFactory<ts.SourceFile> {
  return (transformation) => (file) => {
    const visited = cell.hasMetadata ? withMetadata(file, cell, transformation) : file;
    const statements = visited.statements.flatMap((node): ts.Statement[] => {
      if (ts.isExportDeclaration(node)) return [];
      return ts.isImportDeclaration(node) ? jsxRuntime(node, cell.made) : [node];
    });
    // A line comment would swallow what is written behind the node that it belongs to.
    for (const node of statements) {
      const flags: ts.EmitFlags = internals.getEmitFlags(node) | QUIET;
      ts.setEmitFlags(node, flags);
    }
    return f.updateSourceFile(visited, statements);
  };
}

/** `__metadata('design:type', C)`, where the compiler writes the name of a class, with its box. */
function withMetadata(
  file: ts.SourceFile,
  { boxes, made }: RewrittenCell,
  transformation: ts.TransformationContext,
): ts.SourceFile {
  const inMetadata = (node: ts.Node): ts.Node => {
    if (ts.isIdentifier(node)) return boxes.isWritten(node.text) ? made.value(node.text) : node;
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
  return visit(file) as ts.SourceFile;
}

/** `import { jsx as _jsx } from "react/jsx-runtime"`: `const { jsx: _jsx } = $.require("react/jsx-runtime")` */
function jsxRuntime(node: ts.ImportDeclaration, made: CellFunction): ts.Statement[] {
  const named = node.importClause?.namedBindings;
  if (!named || !ts.isNamedImports(named)) return [];
  const elements = named.elements.map((element) =>
    f.createBindingElement(undefined, element.propertyName?.text, element.name),
  );
  const specifier = f.createStringLiteral((node.moduleSpecifier as ts.StringLiteral).text);
  const declaration = f.createVariableDeclaration(
    f.createObjectBindingPattern(elements),
    undefined,
    undefined,
    made.call('require', specifier),
  );
  const list = f.createVariableDeclarationList([declaration], ts.NodeFlags.Const);
  return [f.createVariableStatement(undefined, list)];
}

'use strict';
// An ES module may have variables that are called as the parameters of a CommonJS module.

/** Names that belong to every CommonJS module, and that an ES module may declare as its own. */
const RESERVED = new Set(['require', 'module', 'exports', '__filename', '__dirname']);

/** The names that each declaration of a statement declares. */
function declaredBy(ts, statement) {
  const namesIn = (name) => {
    if (name === undefined) return [];
    if (ts.isIdentifier(name)) return [name.text];
    return (name.elements ?? []).flatMap((element) => namesIn(element.name));
  };
  const declarations = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations
    : [statement];
  return declarations.map(({ name }) => namesIn(name));
}

/** Whether an identifier names a member of something, rather than a variable. */
function isMember(ts, node) {
  const { parent } = node;
  if (parent?.name === node) {
    return (
      ts.isPropertyAccessExpression(parent) ||
      ts.isClassElement(parent) ||
      ts.isObjectLiteralElement(parent) ||
      ts.isEnumMember(parent)
    );
  }
  return parent?.propertyName === node && (ts.isBindingElement(parent) || ts.isImportSpecifier(parent));
}

/**
 * Renames such declarations of a module, wherever they are used: `const require = createRequire(import.meta.url)` is
 * common. Other bindings of those names, in functions, are renamed alike, which changes nothing.
 */
function renameReserved(ts) {
  return (context) => (file) => {
    // Names that are declared together are renamed together.
    const own = new Set(
      file.statements
        .flatMap((statement) => declaredBy(ts, statement))
        .filter((names) => names.some((name) => RESERVED.has(name)))
        .flat(),
    );
    if (own.size === 0) return file;
    const { factory } = context;
    const identifier = (name) => factory.createIdentifier(own.has(name) ? `${name}_own` : name);
    const exporting = (names) =>
      factory.createExportDeclaration(
        undefined,
        false,
        factory.createNamedExports(
          names.map((name) => factory.createExportSpecifier(false, identifier(name), name)),
        ),
      );
    /** A function as a constant, since the compiler exports functions under the name they were written with. */
    const asConstant = ({ modifiers, asteriskToken, name, parameters, body }) => {
      const async = modifiers?.filter(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
      const inner = parameters.map(visit);
      const make = factory.createFunctionExpression;
      const value = make(async, asteriskToken, name.text, undefined, inner, undefined, visit(body));
      const declaration = factory.createVariableDeclaration(
        identifier(name.text),
        undefined,
        undefined,
        value,
      );
      return factory.createVariableStatement(
        undefined,
        factory.createVariableDeclarationList([declaration], ts.NodeFlags.Const),
      );
    };
    /** Functions exist before the first statement. */
    const first = [];
    /** `export const module = 1` as `const module_own = 1; export { module_own as module };`, one by one. */
    const separately = (statement) => {
      const kinds = (statement.modifiers ?? []).map(({ kind }) => kind);
      const isDefault = kinds.includes(ts.SyntaxKind.DefaultKeyword);
      const isNamed = kinds.includes(ts.SyntaxKind.ExportKeyword) && !isDefault;
      const declared = declaredBy(ts, statement);
      if (ts.isFunctionDeclaration(statement) && own.has(statement.name?.text) && !isDefault) {
        if (statement.body)
          first.push(asConstant(statement), ...(isNamed ? [exporting(declared.flat())] : []));
        return [];
      }
      if (!isNamed || !declared.flat().some((name) => own.has(name))) return [visit(statement)];
      if (!ts.isVariableStatement(statement)) {
        const withoutExport = (node) =>
          node.kind === ts.SyntaxKind.ExportKeyword && node.parent === statement ? undefined : visit(node);
        return [ts.visitEachChild(statement, withoutExport, context), exporting(declared.flat())];
      }
      const { modifiers, declarationList: list } = statement;
      return list.declarations.flatMap((declaration, index) => {
        const one = factory.createVariableDeclarationList([visit(declaration)], list.flags);
        const names = declared[index];
        if (!names.some((name) => own.has(name))) return [factory.createVariableStatement(modifiers, one)];
        return [factory.createVariableStatement(undefined, one), exporting(names)];
      });
    };
    const visit = (node) => {
      if (ts.isIdentifier(node))
        return own.has(node.text) && !isMember(ts, node) ? identifier(node.text) : node;
      if (ts.isShorthandPropertyAssignment(node) && own.has(node.name.text))
        return factory.createPropertyAssignment(node.name.text, identifier(node.name.text));
      if (ts.isBindingElement(node) && isShort(node)) {
        const { dotDotDotToken: rest, name, initializer } = node;
        return factory.updateBindingElement(
          node,
          rest,
          name.text,
          identifier(name.text),
          visitOr(initializer),
        );
      }
      if (ts.isExportDeclaration(node) && node.moduleSpecifier) return node;
      if (ts.isExportSpecifier(node)) {
        const from = node.propertyName ?? node.name;
        return factory.updateExportSpecifier(node, node.isTypeOnly, identifier(from.text), node.name);
      }
      if (ts.isJsxAttribute(node))
        return factory.updateJsxAttribute(node, node.name, visitOr(node.initializer));
      return ts.visitEachChild(node, visit, context);
    };
    const visitOr = (node) => node && ts.visitNode(node, visit);
    /** `{ module }`, rather than `{ module: other }` or `[module]`. */
    const isShort = ({ parent, propertyName, dotDotDotToken, name }) =>
      ts.isObjectBindingPattern(parent) &&
      propertyName === undefined &&
      dotDotDotToken === undefined &&
      ts.isIdentifier(name) &&
      own.has(name.text);
    const rest = file.statements.flatMap(separately);
    return factory.updateSourceFile(file, [...first, ...rest]);
  };
}

module.exports = { renameReserved };

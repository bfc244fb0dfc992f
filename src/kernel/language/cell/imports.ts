/** Imports, as calls of `require` whose values the boxes of the imported names read when they are asked for. */
import ts from 'typescript';

import { constant } from './cellFunction.ts';
import type { Rewriting } from './rewriting.ts';

const f = ts.factory;

/**
 * `import d, { a } from './x.ts'`:
 *
 *     const module_1 = $.require('/project/notebooks/x.ts');
 *     const namespace_1 = $.interop(module_1);
 *     $.link(d·, () => namespace_1['default']);
 *     $.link(a·, () => module_1['a']);
 */
export function importDeclaration(node: ts.ImportDeclaration, cell: Rewriting): ts.Statement[] {
  const specifier = node.moduleSpecifier as ts.StringLiteral;
  const { importClause: clause } = node;
  if (!clause) return [load(specifier, cell)];
  const names = importedNames(clause).filter(({ name }) => cell.boxes.isDeclaredBy(name));
  if (names.length === 0) return []; // of types only: the module is not loaded
  const module = f.createUniqueName('module');
  const whole = f.createUniqueName('namespace');
  return [
    constant(module, requireCall(specifier, cell)),
    ...(names.some(isOfWhole) ? [constant(whole, cell.made.call('interop', module))] : []),
    ...names.map((imported) => {
      const from = isOfWhole(imported) ? whole : module;
      const { name, member } = imported;
      const value =
        member === undefined ? from : f.createElementAccessExpression(from, f.createStringLiteral(member));
      return link(name, value, cell);
    }),
  ];
}

/** A name that an import declares. */
interface Imported {
  readonly name: ts.Identifier;
  /** What it is of the module; all of it where this is missing. */
  readonly member?: string;
}

/** Whether a name is the namespace or its default, which a CommonJS module has by `interop` alone. */
const isOfWhole = ({ member }: Imported): boolean => member === undefined || member === 'default';

function importedNames({ name, namedBindings }: ts.ImportClause): Imported[] {
  const found: Imported[] = [];
  if (name) found.push({ name, member: 'default' });
  if (namedBindings && ts.isNamespaceImport(namedBindings)) found.push({ name: namedBindings.name });
  if (namedBindings && ts.isNamedImports(namedBindings)) {
    for (const element of namedBindings.elements) {
      found.push({ name: element.name, member: (element.propertyName ?? element.name).text });
    }
  }
  return found;
}

/** `import x = require('x')`, and `import x = a.b`. */
export function importEquals(
  { moduleReference: reference, name }: ts.ImportEqualsDeclaration,
  cell: Rewriting,
): ts.Statement[] {
  if (!cell.boxes.isDeclaredBy(name)) return []; // of a type only
  if (!ts.isExternalModuleReference(reference)) return [link(name, entity(reference, cell), cell)];
  const module = f.createUniqueName('module');
  const specifier = reference.expression as ts.StringLiteral;
  return [constant(module, requireCall(specifier, cell)), link(name, module, cell)];
}

function entity(name: ts.EntityName, cell: Rewriting): ts.Expression {
  if (!ts.isIdentifier(name)) {
    return f.createPropertyAccessExpression(entity(name.left, cell), name.right.text);
  }
  return cell.boxes.isDeclaredBy(name) ? cell.made.valueAt(name.text, name) : f.createIdentifier(name.text);
}

/** `export … from`: nobody imports a cell, but the module is loaded. */
export function exportDeclaration(node: ts.ExportDeclaration, cell: Rewriting): ts.Statement[] {
  const { moduleSpecifier: from } = node;
  return from && ts.isStringLiteral(from) && !node.isTypeOnly ? [load(from, cell)] : [];
}

/** `import './x.ts'` */
const load = (specifier: ts.StringLiteralLike, cell: Rewriting): ts.Statement =>
  f.createExpressionStatement(requireCall(specifier, cell));

function requireCall(specifier: ts.StringLiteralLike, { made, link }: Rewriting): ts.Expression {
  const file = f.createStringLiteral(link(specifier.text));
  return ts.setSourceMapRange(made.call('require', file), specifier);
}

/** `$.link(x·, () => value)`: what a module exports may change. */
function link(name: ts.Identifier, value: ts.Expression, { made }: Rewriting): ts.Statement {
  const read = f.createArrowFunction(undefined, undefined, [], undefined, undefined, value);
  return f.createExpressionStatement(made.call('link', made.box(name.text), read));
}

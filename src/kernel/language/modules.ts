/** The project's own modules: compiled, and linked to each other by absolute paths. */
import fs from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { compile } from '../compile.cjs';
import { interruptible } from './interruptible.ts';
import { cellFile, type Resolver } from './resolve.ts';
import type { SourceFiles } from './files.ts';
import { withSlashes, type Project } from './project.ts';
import { awaits } from './syntax.ts';

/** What compiled modules call in the place of `require`, until it is known which file a name stands for. */
const UNLINKED = 'require\u00b7';

/** Cells load modules as `require` does: at once, and so without waiting for one. */
const refuseAwait: ts.TransformerFactory<ts.SourceFile> = () => (file) => {
  const first = file.statements.find((statement) => awaits(statement));
  if (first === undefined) return file;
  const { line, character } = file.getLineAndCharacterOfPosition(first.getStart(file));
  const error = new SyntaxError(
    `${file.fileName}:${line + 1}: a module that a cell imports cannot await outside of functions. ` +
      'Put this into an async function, export that, and await it in the cell.',
  );
  // Of the compiler's own functions nobody wants to know.
  error.stack = `SyntaxError: ${error.message}\n    at ${file.fileName}:${line + 1}:${character + 1}`;
  throw error;
};

/** Marks calls of `require` with a text, by the syntax, so that the same words in a text are left alone. */
const markRequires: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
  const visit = (node: ts.Node): ts.Node => {
    const inner = ts.visitEachChild(node, visit, context);
    if (!ts.isCallExpression(inner) || !ts.isIdentifier(inner.expression)) return inner;
    const [name] = inner.arguments;
    if (inner.expression.text !== 'require' || !name || !ts.isStringLiteralLike(name)) return inner;
    const marked = ts.setTextRange(context.factory.createIdentifier(UNLINKED), inner.expression);
    return context.factory.updateCallExpression(inner, marked, inner.typeArguments, inner.arguments);
  };
  return ts.visitNode(file, visit) as ts.SourceFile;
};

const LINKS = new RegExp(`\\b${UNLINKED}\\((["'\`])([^"'\`\\\\\\n]+)\\1\\)|\\b${UNLINKED}\\(`, 'g');

/** How the project's modules are compiled for cells; the loops in them end where the cell was interrupted. */
const FOR_CELLS = {
  name: 'cells 1',
  before: [refuseAwait, interruptible],
  after: [markRequires],
};

/** Whether a JavaScript file imports or exports by statements, and so is no CommonJS. */
function hasModuleSyntax(file: string): boolean {
  return ts.isExternalModule(parse(file));
}

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, false);

export class ProjectModules {
  private readonly project: Project;
  private readonly resolver: Resolver;
  private readonly files: SourceFiles;

  constructor(project: Project, resolver: Resolver, files: SourceFiles) {
    this.project = project;
    this.resolver = resolver;
    this.files = files;
  }

  /**
   * A file as CommonJS, with the absolute path of each of the project's files in place of its name; `undefined` where it
   * is CommonJS already.
   */
  load(file: string): string | undefined {
    this.files.follow(withSlashes(file)); // the compiler knows only the types of a JavaScript file
    if (/\.c?js$/.test(file) && !hasModuleSyntax(file)) return undefined;
    return compile(file, FOR_CELLS).replace(LINKS, (_all, _quote, name?: string) => {
      if (name === undefined) return 'require('; // a text with escapes names no file of the project
      return `require(${JSON.stringify(this.resolver.localFile(name, file) ?? name)})`;
    });
  }

  /** The file that a name stands for, seen from a cell or another file of the project. */
  resolve(name: string, from = cellFile(this.project)): string | undefined {
    return this.resolver.localFile(name, from);
  }

  /** The names that a file exports, also those of other files that it passes on. */
  exportsOf(name: string): string[] {
    const file = this.find(name);
    const names = new Set<string>();
    if (file !== undefined) this.collect(file, names, new Set());
    return [...names];
  }

  private find(name: string): string | undefined {
    const plain = path.resolve(this.project.notebooks, name);
    if (fs.statSync(plain, { throwIfNoEntry: false })?.isFile()) return plain;
    return this.resolve(plain); // without its ending
  }

  private collect(file: string, names: Set<string>, seen: Set<string>): void {
    if (seen.has(file)) return;
    seen.add(file);
    const addAll = (name: ts.BindingName): void => {
      if (ts.isIdentifier(name)) names.add(name.text);
      else for (const one of name.elements) if (!ts.isOmittedExpression(one)) addAll(one.name);
    };
    for (const node of parse(file).statements) {
      if (ts.isExportDeclaration(node)) {
        const { exportClause: clause, moduleSpecifier: from } = node;
        if (node.isTypeOnly) continue;
        if (clause && ts.isNamedExports(clause)) {
          for (const one of clause.elements) if (!one.isTypeOnly) names.add(one.name.text);
        } else if (clause) names.add(clause.name.text);
        else if (from && ts.isStringLiteral(from)) {
          const next = this.resolve(from.text, file);
          if (next !== undefined) this.collect(next, names, seen);
        }
        continue;
      }
      if (ts.isExportAssignment(node) && !node.isExportEquals) names.add('default');
      const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
      const has = (kind: ts.SyntaxKind) => modifiers.some((modifier) => modifier.kind === kind);
      if (!has(ts.SyntaxKind.ExportKeyword) || has(ts.SyntaxKind.DeclareKeyword)) continue;
      if (has(ts.SyntaxKind.DefaultKeyword)) names.add('default');
      else if (ts.isVariableStatement(node))
        for (const { name } of node.declarationList.declarations) addAll(name);
      else if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) {
        const { name } = node as ts.DeclarationStatement;
        if (name) names.add(name.text);
      }
    }
  }
}

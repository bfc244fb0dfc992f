/** The project's own modules: compiled, linked to each other by absolute paths, forgotten when they change. */
import fs from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { compile } from '../compile.cjs';
import { interruptible } from './interruptible.ts';
import { cellFile, type Resolver } from './resolve.ts';
import { awaits } from './syntax.ts';
import type { Project } from './project.ts';

/** Loops of the project's modules end where the cell was interrupted. */
const RESUMED = { name: 'interruptible 2', transformers: [interruptible] };

/** Cells load modules as `require` does: at once, and so without waiting for one. */
function refuseAwait(file: string): void {
  const text = fs.readFileSync(file, 'utf8');
  if (!/\bawait\b/.test(text)) return;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const first = source.statements.find((statement) => awaits(statement));
  if (first === undefined) return;
  const { line } = source.getLineAndCharacterOfPosition(first.getStart(source));
  throw new SyntaxError(
    `${file}:${line + 1}: a module that a cell imports cannot await outside of functions. ` +
      'Put this into an async function, export that, and await it in the cell.',
  );
}

/** The texts that `require` is called with, and where they stand. */
function requiredNames(code: string): { text: string; start: number; end: number }[] {
  const found: { text: string; start: number; end: number }[] = [];
  if (!/\brequire\(/.test(code)) return found;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'require') {
      const [name] = node.arguments;
      if (name && ts.isStringLiteralLike(name)) {
        found.push({ text: name.text, start: name.getStart(file), end: name.end });
      }
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile('module.js', code, ts.ScriptTarget.Latest, false);
  visit(file);
  return found.sort((a, b) => a.start - b.start);
}

export class ProjectModules {
  /** File -> the project's files that it imports. */
  private readonly imports = new Map<string, Set<string>>();
  private readonly project: Project;
  private readonly resolver: Resolver;

  constructor(project: Project, resolver: Resolver) {
    this.project = project;
    this.resolver = resolver;
  }

  /** A file as CommonJS, with the absolute path of each of the project's files in place of its name. */
  load(file: string): string {
    const own = new Set<string>();
    this.imports.set(path.normalize(file), own);
    refuseAwait(file);
    let code = compile(file, RESUMED);
    for (const { text, start, end } of requiredNames(code).reverse()) {
      const found = this.resolver.localFile(text, file);
      if (found === undefined) continue;
      own.add(found);
      code = code.slice(0, start) + JSON.stringify(found) + code.slice(end);
    }
    return code;
  }

  /** Files that changed, and whatever imports them. */
  stale(changed: readonly string[]): string[] {
    const found = new Set(changed.map((file) => path.normalize(file)));
    for (const file of found) {
      for (const [importer, files] of this.imports) if (files.has(file)) found.add(importer);
    }
    return [...found];
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
    return this.resolve(name) ?? (/^\.|^\//.test(name) ? undefined : this.resolve(`./${name}`));
  }

  private collect(file: string, names: Set<string>, seen: Set<string>): void {
    if (seen.has(file)) return;
    seen.add(file);
    const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, false);
    const addAll = (name: ts.BindingName): void => {
      if (ts.isIdentifier(name)) names.add(name.text);
      else for (const one of name.elements) if (!ts.isOmittedExpression(one)) addAll(one.name);
    };
    for (const node of source.statements) {
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

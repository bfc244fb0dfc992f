import ts from 'typescript';

import { constant } from './cellFunction.ts';
import type { Rewriting } from './rewriting.ts';

const f = ts.factory;

/** The names that classic JSX calls (`React.createElement`), which the compiler writes as plain variables. */
export function jsxVariables(
  file: ts.SourceFile,
  options: ts.CompilerOptions,
  { boxes, made }: Rewriting,
): ts.Statement[] {
  if (options.jsx !== ts.JsxEmit.React || !containsJsx(file)) return [];
  const { jsxFactory, jsxFragmentFactory, reactNamespace } = options;
  const called = [jsxFactory ?? reactNamespace ?? 'React', jsxFragmentFactory ?? 'React'];
  return [...new Set(called.map((path) => path.split('.')[0]!))]
    .filter((root) => boxes.isNamed(root))
    .map((root) => constant(f.createIdentifier(root), made.valueAt(root, file)));
}

function containsJsx(file: ts.SourceFile): boolean {
  const visit = (node: ts.Node): boolean =>
    ts.isJsxElement(node) ||
    ts.isJsxSelfClosingElement(node) ||
    ts.isJsxFragment(node) ||
    (ts.forEachChild(node, visit) ?? false);
  return file.languageVariant === ts.LanguageVariant.JSX && visit(file);
}

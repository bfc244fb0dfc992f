/** What is shown for a name: its signature and documentation, and on request where it comes from. */
import path from 'node:path';

import ts from 'typescript';

import { attachDocumentation } from './documentation.ts';
import { internals } from './internals.ts';

export type MimeBundle = Readonly<Record<string, string>>;

/** Where a name was declared. */
export interface Origin {
  /** `In[3]:2`, `src/losses/msl.ts:14` */
  readonly place: string;
  /** Its text, if it is the notebook's or the project's own. */
  readonly source?: string;
}

/** The compiler's `SemanticMeaning.All`. */
const ALL_MEANINGS = 7;

/**
 * What a name means. One that stands alone (`Point?`) is read as a value; where there is none of that name, the type is
 * meant.
 */
function symbolOf(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol || !ts.isIdentifier(node) || !ts.isExpressionStatement(node.parent)) return symbol;
  const types = (ts.SymbolFlags.Type | ts.SymbolFlags.Namespace) as ts.SymbolFlags;
  return checker.getSymbolsInScope(node, types).find(({ name }) => name === node.text);
}

/** The type and documentation of the name at a position, as the language service gives them. */
export function quickInfoAt(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  position: number,
): ts.QuickInfo | undefined {
  const node = internals.getTouchingPropertyName(file, position);
  if (node === file) return undefined;
  const textSpan = ts.createTextSpan(node.getStart(file), node.getWidth(file));
  const enclosing = internals.getContainerNode(node);
  const symbol = symbolOf(checker, node);
  if (!symbol) {
    if (!ts.isIdentifier(node) && node.kind !== ts.SyntaxKind.ThisKeyword) return undefined;
    const type = checker.getTypeAtLocation(node);
    if ((type.flags & ts.TypeFlags.Any) !== 0) return undefined; // a name that nobody has declared
    const displayParts = internals.typeToDisplayParts(checker, type, enclosing);
    return { kind: ts.ScriptElementKind.unknown, kindModifiers: '', textSpan, displayParts };
  }
  attachDocumentation(checker, symbol);
  const { symbolKind, ...text } = internals.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
    checker,
    symbol,
    file,
    enclosing,
    node,
    // What is said of a name depends on how it stands there; a value's place has no words for a type.
    checker.getSymbolAtLocation(node) ? undefined : ALL_MEANINGS,
  );
  const kindModifiers = internals.SymbolDisplay.getSymbolModifiers(checker, symbol);
  return { kind: symbolKind, kindModifiers, textSpan, ...text };
}

/** Where to look when nothing stands at a position: the name before it, or what is being called around it. */
export function positionsToTry(file: ts.SourceFile, position: number): number[] {
  const found = [position];
  if (position > 0) found.push(position - 1);
  let node: ts.Node | undefined = internals.findPrecedingToken(position, file);
  for (; node && !ts.isSourceFile(node); node = node.parent) {
    if (ts.isFunctionLike(node) || ts.isBlock(node)) break; // the call around a callback is not what is meant
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.expression.end <= position) {
      const called = internals.skipOuterExpressions(node.expression);
      found.push((ts.isPropertyAccessExpression(called) ? called.name : called).getStart(file));
    }
  }
  return found;
}

/** The declaration of the symbol at a position, an import being followed. */
export function declarationAt(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  position: number,
): ts.Declaration | undefined {
  const node = internals.getTouchingPropertyName(file, position);
  let symbol = node === file ? undefined : symbolOf(checker, node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.valueDeclaration ?? symbol?.declarations?.[0];
}

/** Where a declaration stands in a file. */
export function originOf(declaration: ts.Declaration, root: string, isLocal: boolean): Origin {
  const file = declaration.getSourceFile();
  let node: ts.Node = declaration;
  while (
    !ts.isStatement(node) &&
    !ts.isClassElement(node) &&
    !ts.isTypeElement(node) &&
    !ts.isSourceFile(node)
  ) {
    node = node.parent;
  }
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
  const place = `${path.posix.relative(root, file.fileName)}:${line + 1}`;
  return isLocal && !ts.isSourceFile(node) ? { place, source: node.getText(file) } : { place };
}

/** The text of parts; of a link (`{@link Name the text}`) what a reader would see. */
const join = (parts: readonly ts.SymbolDisplayPart[] | undefined): string =>
  (parts ?? [])
    .map(({ kind, text }, index, all) => {
      if (kind === 'link') return '';
      return kind === 'linkName' && all[index + 1]?.kind === 'linkText' ? '' : text;
    })
    .join('');

export function present(info: ts.QuickInfo, origin: Origin | undefined): MimeBundle {
  const signature = join(info.displayParts);
  const documentation = join(info.documentation).trim();
  const tags = (info.tags ?? []).map(({ name, text }) => ({ name, text: join(text).trim() }));

  const plain = [signature];
  if (documentation !== '') plain.push(documentation);
  if (tags.length > 0) plain.push(tags.map(({ name, text }) => `@${name} ${text}`.trim()).join('\n'));
  const markdown = [code(signature)];
  if (documentation !== '') markdown.push(documentation);
  if (tags.length > 0) markdown.push(tags.map(tagAsMarkdown).join('\n\n'));
  if (origin) {
    plain.push(`Defined in ${origin.place}`);
    markdown.push(`Defined in \`${origin.place}\``);
    if (origin.source !== undefined) {
      plain.push(origin.source);
      markdown.push(code(origin.source));
    }
  }
  return { 'text/plain': plain.join('\n\n'), 'text/markdown': markdown.join('\n\n') };
}

function tagAsMarkdown({ name, text }: { readonly name: string; readonly text: string }): string {
  if (text === '') return `*@${name}*`;
  if (name === 'example')
    return text.includes('```') ? `*@example*\n\n${text}` : `*@example*\n\n${code(text)}`;
  if (name !== 'param' && name !== 'template') return `*@${name}* ${text}`;
  const [, parameter = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  return `*@${name}* \`${parameter}\` ${rest}`.trimEnd();
}

function code(text: string): string {
  const fence = '`'.repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map(({ length }) => length + 1)));
  return `${fence}typescript\n${text}\n${fence}`;
}

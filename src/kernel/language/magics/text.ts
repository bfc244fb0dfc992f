/** The text of a command: its words, and the values of the notebook in it. */
import { isExpressionOf } from './syntax.ts';

/**
 * How an expansion reaches the runtime (execution/magic.ts). Typed as `any`: a cell needs no declaration of it. A notebook
 * may have a `Symbol` of its own.
 */
export const RUNTIME = `(globalThis as any)[(globalThis as any).Symbol.for('msl.kernel')].magic`;

export const call = (method: string, ...args: readonly string[]): string =>
  `${RUNTIME}.${method}(${args.join(', ')})`;

/** A string literal that fits on one line of TypeScript. */
export const literal = (text: string): string =>
  JSON.stringify(text)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');

/**
 * The parts of a command as arguments of a call: text, and for `{expression}` its value. Braces that are the shell's
 * own stay: `{a,b}`, `${NAME}`, `{1..3}`, `{print $1}`, `{}`, and whatever does not begin with a known name.
 * `{{name}}` stands for the text `{name}`.
 */
export function interpolated(text: string, isName: (name: string) => boolean): string[] {
  const parts: string[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const end = text[at] === '{' && text[at - 1] !== '$' ? closing(text, at) : -1;
    if (end > at) {
      const inner = text.slice(at + 1, end);
      const doubled = inner.startsWith('{') && inner.endsWith('}') ? inner.slice(1, -1) : undefined;
      if (doubled !== undefined && isExpressionOf(doubled, isName)) {
        plain += inner;
        at = end + 1;
        continue;
      }
      if (isExpressionOf(inner, isName)) {
        if (plain !== '') parts.push(literal(plain));
        plain = '';
        parts.push(`[${inner}]`);
        at = end + 1;
        continue;
      }
    }
    plain += text[at]!;
    at++;
  }
  if (plain !== '' || parts.length === 0) parts.push(literal(plain));
  return parts;
}

/** Where the brace that opens at a position is closed; -1 where it is not. */
function closing(text: string, open: number): number {
  let depth = 0;
  let quote: string | undefined;
  for (let i = open; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== undefined) {
      if (char === '\\') i++;
      else if (char === quote) quote = undefined;
    } else if (depth > 0 && (char === '"' || char === "'" || char === '`')) quote = char;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return i;
  }
  return -1;
}

/** The words of a line; quotes hold one together. */
export function words(text: string): string[] {
  const found = text.match(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*'|["'])+/g) ?? [];
  return found.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
      double === undefined ? (single ?? '') : double.replace(/\\(["\\])/g, '$1'),
    ),
  );
}

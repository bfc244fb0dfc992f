/** What a line says: a magic, a shell command, a question, or TypeScript. */
import { isConditional } from './syntax.ts';

export type Line =
  | { readonly kind: 'magic'; readonly name: string; readonly rest: string; readonly restAt: number }
  | { readonly kind: 'cellMagic'; readonly name: string }
  | { readonly kind: 'shell' }
  /**
   * The lines that a command prints, as a value; `commandAt`: where its `!` stands, `name`: what they are assigned to,
   * if that is a name which the line does not declare.
   */
  | { readonly kind: 'assigned'; readonly commandAt: number; readonly name: string | undefined }
  | { readonly kind: 'question'; readonly name: string; readonly detail: 0 | 1 };

/** A line that may be one of them, by its looks alone. */
export const MAY_BE_MAGIC =
  /^[^\S\n]*(?:%%?[A-Za-z_]|!|\?|[\w$.]+\?{1,2}[^\S\n]*;?[^\S\n]*$|(?:(?:const|let|var)[^\S\n]+)?[\w$.]+[^\S\n]*(?::[^=\n]*)?=[^\S\n]*!)/;

const ASSIGNED = /^(?:(?:const|let|var)\s+)?[\w$.]+\s*(?::[^=]*)?=\s*(?=!)/;
const NAME_ALONE = /^[A-Za-z_$][\w$]*(?=\s*=)/;

const QUESTION_BEFORE = /^(\?{1,2})\s*(%{0,2}[A-Za-z_$][\w$]*(?:\.[\w$]+)*)?\s*;?$/;
const QUESTION_AFTER = /^(%{0,2}[A-Za-z_$][\w$]*(?:\.[\w$]+)*)(\?{1,2})\s*;?$/;

export interface Surroundings {
  /** The cell, magics before the line blanked out. */
  readonly code: string;
  /** Where the line's first character stands. */
  readonly at: number;
  /** Whether the last expression before the line would go on with `%`. */
  readonly goesOn: () => boolean;
  readonly isName: (name: string) => boolean;
}

/**
 * Reads a line that stands where a statement may begin; undefined for TypeScript.
 *
 * @param text the line from its first character to its last
 */
export function readLine(text: string, { code, at, goesOn, isName }: Surroundings): Line | undefined {
  const question = QUESTION_BEFORE.exec(text);
  if (question) {
    if (isConditional(code, at)) return undefined;
    return { kind: 'question', name: question[2] ?? '', detail: question[1] === '??' ? 1 : 0 };
  }
  const asked = QUESTION_AFTER.exec(text);
  if (asked) {
    if (isConditional(code, at + asked[1]!.length)) return undefined;
    return { kind: 'question', name: asked[1]!, detail: asked[2] === '??' ? 1 : 0 };
  }
  if (text.startsWith('%%')) return { kind: 'cellMagic', name: /^%%(\w*)/.exec(text)![1]! };
  if (text.startsWith('%')) {
    const [, name = '', rest = ''] = /^%([A-Za-z_]\w*)(.*)$/s.exec(text) ?? [];
    // `total\n  %count`: the remainder of a division, unless what follows could not be TypeScript.
    if (isName(name) && goesOn() && !operandFollows(rest)) return undefined;
    const blank = /^\s*/.exec(rest)![0].length;
    return { kind: 'magic', name, rest: rest.trim(), restAt: at + 1 + name.length + blank };
  }
  const before = ASSIGNED.exec(text)?.[0].length ?? 0;
  const command = text.slice(before);
  if (!command.startsWith('!') || !isCommand(command.slice(1).trimStart(), command[1] ?? '', isName))
    return undefined;
  return before === 0
    ? { kind: 'shell' }
    : { kind: 'assigned', commandAt: at + before, name: NAME_ALONE.exec(text)?.[0] };
}

/** After a name: what no operator of TypeScript comes between, so that the line is a command. */
function operandFollows(rest: string): boolean {
  return /^[^\S\n]+(?!(?:in|instanceof|as|satisfies)\b)["'`\w$~]/.test(rest);
}

/** Words that begin an expression of TypeScript; `!true` is one, not the program of that name. */
const EXPRESSION =
  /^(?:arguments|await|class|delete|false|function|new|null|super|this|true|typeof|void|yield)\b/;
const EXPRESSION_TOO = /^(?:import\s*[(.]|async\s*(?:\(|function\b|[\w$]+\s*=>))/;
/** A regular expression that something is done with; `/usr/bin/env` is none. */
const REGULAR = /^\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*\s*(?:[.;&|)?,=]|\[|$)/;

function isCommand(command: string, next: string, isName: (name: string) => boolean): boolean {
  if (next === '=' || next === '!') return false;
  if (/^(?:\.{1,2}\/|~\/|\.\s)/.test(command)) return true;
  if (command.startsWith('/')) return !REGULAR.test(command);
  const word = /^[\p{ID_Start}_$][\p{ID_Continue}$]*/u.exec(command)?.[0];
  if (word === undefined || EXPRESSION.test(command) || EXPRESSION_TOO.test(command)) return false;
  const rest = command.slice(word.length);
  if (isName(word)) return operandFollows(rest);
  return !/^(?:\(|\s*[!=]==|\s*=>)/.test(rest);
}

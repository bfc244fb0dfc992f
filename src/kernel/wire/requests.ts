/** Checks of what requests hold, so that the code behind them can rely on its types. */
import type { Content } from './messages.ts';
import { toUnits } from './positions.ts';

/** A request that cannot be answered as it is; its message goes to the client. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

interface Kinds {
  string: string;
  boolean: boolean;
  integer: number;
  object: Content;
}

const IS: { readonly [K in keyof Kinds]: (value: unknown) => value is Kinds[K] } = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value): value is number => Number.isSafeInteger(value),
  object: (value): value is Content => typeof value === 'object' && value !== null && !Array.isArray(value),
};

const shown = (value: unknown): string => {
  const text = value === undefined ? 'missing' : (JSON.stringify(value) as string | undefined);
  return text === undefined ? typeof value : text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

/** A field that has to be there. */
export function required<K extends keyof Kinds>(content: Content, field: string, kind: K): Kinds[K] {
  const value = content[field];
  if (IS[kind](value)) return value;
  throw new RequestError(
    `${field} has to be ${kind === 'string' || kind === 'boolean' ? 'a' : 'an'} ${kind}: ${safe(value)}`,
  );
}

/** A field that may be missing, or null as Python's clients write it. */
export function optional<K extends keyof Kinds, D>(
  content: Content,
  field: string,
  kind: K,
  otherwise: D,
): Kinds[K] | D {
  return content[field] === undefined || content[field] === null ? otherwise : required(content, field, kind);
}

/** What cannot be written as JSON (it is nested too deep) is named by its type. */
function safe(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return typeof value;
  }
}

/** The code of a request and the UTF-16 index of its cursor; the end of the code where none is given. */
export function codeAndPosition(content: Content): { code: string; position: number } {
  const code = required(content, 'code', 'string');
  const cursor = optional(content, 'cursor_pos', 'integer', undefined);
  const position = cursor === undefined ? code.length : cursor < 0 ? undefined : toUnits(code, cursor);
  if (position === undefined) {
    throw new RequestError(`cursor_pos ${cursor ?? ''} lies outside of the code`);
  }
  return { code, position };
}

function executeContent(content: Content): Content {
  const silent = optional(content, 'silent', 'boolean', false);
  const expressions = optional(content, 'user_expressions', 'object', {});
  for (const name of Object.keys(expressions)) required(expressions, name, 'string');
  return {
    ...content,
    code: required(content, 'code', 'string'),
    silent,
    // A silent cell is never kept: the protocol says so.
    store_history: !silent && optional(content, 'store_history', 'boolean', true),
    user_expressions: expressions,
    allow_stdin: optional(content, 'allow_stdin', 'boolean', true),
    stop_on_error: optional(content, 'stop_on_error', 'boolean', true),
  };
}

function commContent(content: Content): Content {
  return {
    ...content,
    comm_id: required(content, 'comm_id', 'string'),
    data: optional(content, 'data', 'object', {}),
  };
}

/** What main answers: the content with its defaults, or a `RequestError`. */
export const FOR_MAIN: Readonly<Record<string, (content: Content) => Content>> = Object.assign(
  Object.create(null) as Record<string, (content: Content) => Content>,
  {
    execute_request: executeContent,
    comm_open: (content: Content) => ({
      ...commContent(content),
      target_name: required(content, 'target_name', 'string'),
    }),
    comm_msg: commContent,
    comm_close: commContent,
    comm_info_request: (content: Content) => ({
      target_name: optional(content, 'target_name', 'string', undefined),
    }),
  },
);

import type { Client } from '../rpc.ts';
import type { Content } from './messages.ts';
import { toCharacters } from './positions.ts';
import type { LanguageMethods } from './protocol.ts';
import { codeAndPosition, optional, required } from './requests.ts';

/** The compiler has this long to answer, in milliseconds. */
const PATIENCE = 20_000;

/** Answers to what an editor asks while one types: the compiler's, also while a cell blocks the main thread. */
export class Editing {
  private readonly language: Client<LanguageMethods>;

  constructor(language: Client<LanguageMethods>) {
    this.language = language;
  }

  /** The content of a complete_reply. */
  async complete(content: Content): Promise<Content> {
    const { code, position } = codeAndPosition(content);
    const found = await patiently(this.language.call('complete', code, position));
    const [start, end] = [toCharacters(code, found.start), toCharacters(code, found.end)];
    const types = found.types?.map((type) => ({ start, end, ...type }));
    return {
      status: 'ok',
      matches: found.matches,
      cursor_start: start,
      cursor_end: end,
      metadata: types ? { _jupyter_types_experimental: types } : {},
    };
  }

  /** The content of an inspect_reply. */
  async inspect(content: Content): Promise<Content> {
    const { code, position } = codeAndPosition(content);
    const detail = optional(content, 'detail_level', 'integer', 0) > 0 ? 1 : 0;
    const data = await patiently(this.language.call('inspect', code, position, detail));
    return { status: 'ok', found: data !== undefined, data: data ?? {}, metadata: {} };
  }

  /** The content of an is_complete_reply. */
  async isComplete(content: Content): Promise<Content> {
    return { ...(await patiently(this.language.call('isComplete', required(content, 'code', 'string')))) };
  }
}

/** An answer of the compiler, which a client does not wait for without end. */
async function patiently<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the compiler does not answer'));
    }, PATIENCE).unref();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

import type { MessagePort } from 'node:worker_threads';

import { askSync, InterruptedError, UnreachableError } from '../wire/ask.ts';
import type { Message } from '../wire/messages.ts';
import type { Ask } from '../wire/protocol.ts';
import { Interrupted, owner, type Cell } from './cell.ts';

/** Questions to the reader of the notebook. */
export interface Questions {
  /** Asks without blocking. */
  readonly input: (prompt?: string, password?: boolean) => Promise<string>;
  /** Asks and blocks, as browsers do. */
  readonly prompt: (prompt?: string, password?: boolean) => string;
  /** Takes the answer to a question of `input`; undefined where nobody can be reached. */
  readonly answer: (id: number, value: string | undefined) => void;
}

/** The cell that may ask: its request says whether somebody is there to answer. */
function askingCell(): Cell {
  const cell = owner();
  if (cell?.request.content['allow_stdin'] !== true) {
    throw new Error('nobody can be asked: this notebook runs without a reader');
  }
  return cell;
}

export function createQuestions(port: MessagePort): Questions {
  const open = new Map<number, (value: string | undefined) => void>();
  let last = 0;
  return {
    input: async (prompt = '', password = false) => {
      const { request, output, abort } = askingCell();
      output.flush();
      const id = ++last;
      const ended = new AbortController();
      const answered = new Promise<string>((resolve, reject) => {
        open.set(id, (value) => {
          if (value === undefined) reject(new UnreachableError());
          else resolve(value);
        });
        const stop = (): void => {
          reject(abort.signal.reason as Error);
        };
        abort.signal.addEventListener('abort', stop, { signal: ended.signal });
      });
      port.postMessage({ kind: 'ask', id, request: requester(request), prompt, password } satisfies Ask);
      return await answered.finally(() => {
        open.delete(id);
        ended.abort();
      });
    },
    prompt: (prompt = '', password = false) => {
      const { request, output } = askingCell();
      output.flush();
      try {
        return askSync(port, requester(request), prompt, password);
      } catch (error) {
        throw error instanceof InterruptedError ? new Interrupted() : error;
      }
    },
    answer: (id, value) => {
      open.get(id)?.(value);
    },
  };
}

const requester = ({ identities, header }: Message): Pick<Message, 'identities' | 'header'> => ({
  identities,
  header,
});

/** `prompt`, `confirm` and `alert` as in browsers and in Deno. */
export function installDialogs({ prompt }: Questions): void {
  const dialogs = {
    prompt: (message = 'Prompt', fallback = ''): string => {
      const given = prompt(fallback === '' ? `${message} ` : `${message} [${fallback}] `);
      return given === '' ? fallback : given;
    },
    confirm: (message = 'Confirm'): boolean => /^y(es)?$/i.test(prompt(`${message} [y/N] `).trim()),
    alert: (message = 'Alert'): void => {
      prompt(`${message} [Enter] `);
    },
  };
  for (const [name, value] of Object.entries(dialogs)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

import { StringDecoder } from 'node:string_decoder';

import { owner } from './cell.ts';

/** Sends what JavaScript writes to the process's streams to the cell that it belongs to. */
export function captureStreams(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new StringDecoder('utf8');
    const write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | ((error?: Error) => void),
      done?: (error?: Error) => void,
    ): boolean => {
      const bytes =
        typeof chunk !== 'string'
          ? Buffer.from(chunk)
          : typeof encoding === 'string' && !/^utf-?8$/i.test(encoding)
            ? Buffer.from(chunk, encoding)
            : undefined;
      const text = bytes ? decoder.write(bytes) : String(chunk);
      if (text !== '') owner()?.output.write(name, text);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
    process[name].write = write;
  }
}

/** What a message can hold: it is copied to the sockets thread, and written as JSON there. */

const UNSENDABLE = new Set(['function', 'symbol', 'bigint']);

/** Names the value in a display's `data` or `metadata` that cannot be sent, instead of losing the display. */
export function checkSendable(content: Readonly<Record<string, unknown>>): void {
  for (const part of ['data', 'metadata']) check(content[part], [part], new Set());
}

function check(value: unknown, path: readonly string[], above: Set<object>): void {
  if (UNSENDABLE.has(typeof value)) throw unsendable(path, `a ${typeof value}`);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if (above.has(value)) throw unsendable(path, 'an object that holds itself');
  above.add(value);
  // Figures hold arrays of millions of numbers: nothing is made for those.
  const inside = (inner: unknown, key: string | number): void => {
    if (typeof inner !== 'string' && typeof inner !== 'number') check(inner, [...path, String(key)], above);
  };
  if (Array.isArray(value)) value.forEach(inside);
  else for (const [key, inner] of Object.entries(value)) inside(inner, key);
  above.delete(value);
}

const unsendable = (path: readonly string[], what: string): TypeError =>
  new TypeError(
    `${path.map((key, i) => (i === 0 ? key : `[${JSON.stringify(key)}]`)).join('')} is ${what}: ` +
      'what is displayed can hold only what JSON can',
  );

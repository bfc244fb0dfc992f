/** What a message can hold: it is copied to the sockets thread, and written as JSON there. */

type Content = Readonly<Record<string, unknown>>;

const UNSENDABLE = new Set(['function', 'symbol', 'bigint']);
/** JSON would make `{}` of these. */
const EMPTIED = [Map, Set, DataView, ArrayBuffer];

/** What is said of a display, in the error. */
export const DISPLAYED = 'what is displayed';

/**
 * Content whose `data` and `metadata` are as JSON has them: typed arrays are lists. What cannot be sent is named,
 * instead of losing the message. Nothing is copied but what holds a typed array.
 *
 * @param where what is said of the message, in the error
 */
export function sendable<T extends Content>(content: T, where: string): T {
  const parts = ['data', 'metadata'].map((part) => [part, json(content[part], [part], where, new Set())]);
  return parts.every(([part, value]) => content[part as string] === value)
    ? content
    : { ...content, ...(Object.fromEntries(parts) as Content) };
}

function json(value: unknown, path: readonly string[], where: string, above: Set<object>): unknown {
  const refuse = (what: string): TypeError =>
    new TypeError(
      `${path.map((key, i) => (i === 0 ? key : `[${JSON.stringify(key)}]`)).join('')} is ${what}: ` +
        `${where} can hold only what JSON can`,
    );
  if (UNSENDABLE.has(typeof value)) throw refuse(`a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  const emptied = EMPTIED.find((kind) => value instanceof kind);
  if (emptied) throw refuse(`of the kind ${emptied.name}`);
  if (ArrayBuffer.isView(value)) {
    const list = Array.from(value as unknown as ArrayLike<number | bigint>);
    if (typeof list[0] === 'bigint') throw refuse('a list of bigints');
    return list;
  }
  if (above.has(value)) throw refuse('an object that holds itself');
  above.add(value);
  let copy: Record<string, unknown> | undefined;
  // Figures hold arrays of millions of numbers: nothing is made for those.
  const inside = (inner: unknown, key: string | number): void => {
    if (typeof inner === 'string' || typeof inner === 'number') return;
    const made = json(inner, [...path, String(key)], where, above);
    if (made === inner) return;
    copy ??= (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
    copy[key] = made;
  };
  if (Array.isArray(value)) value.forEach(inside);
  else for (const [key, inner] of Object.entries(value)) inside(inner, key);
  above.delete(value);
  return copy ?? value;
}

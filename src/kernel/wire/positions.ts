/** Positions in code: the protocol counts characters (code points), the compiler UTF-16 units. */

const isPair = (code: string, at: number): boolean => (code.codePointAt(at) ?? 0) > 0xffff;

/** The UTF-16 index of a character; undefined where the code has fewer. */
export function toUnits(code: string, characters: number): number | undefined {
  let at = 0;
  for (let i = 0; i < characters; i++) {
    if (at >= code.length) return undefined;
    at += isPair(code, at) ? 2 : 1;
  }
  return at;
}

/** How many characters stand before a UTF-16 index. */
export function toCharacters(code: string, units: number): number {
  let count = 0;
  for (let at = 0; at < Math.min(units, code.length); at += isPair(code, at) ? 2 : 1) count++;
  return count;
}

/**
 * The least number of characters inserted, deleted and replaced, and of neighbours swapped, that turns `a` into `b`: the
 * Levenshtein distance with swaps (optimal string alignment).
 */
export function editDistance(a: string, b: string): number {
  const first = Array.from({ length: b.length + 1 }, (_, j) => j);
  let [before, row] = [first, first];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/**
 * The name that `name` was probably meant to be: the nearest by edit distance, without regard to case, the first of
 * equals; `undefined` where even the nearest differs in half of its characters or more.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || distance < best.distance) best = { name: candidate, distance };
  }
  if (best === undefined || best.distance >= Math.max(name.length, best.name.length) / 2) return undefined;
  return best.name;
}

/**
 * The sentences that refuse an unknown name: the name, the nearest valid one, all valid ones.
 *
 * @param kind what the name should have named, e.g. `data set`
 */
export function unknownName(kind: string, name: string, names: readonly string[]): string {
  const guess = nearest(name, names);
  return [
    `There is no ${kind} '${name}'.`,
    ...(guess === undefined ? [] : [`Did you mean '${guess}'?`]),
    `Known: ${names.join(', ')}.`,
  ].join(' ');
}

import { listing } from '../format.ts';
import { escapeMarkdown } from '../formats/markdown.ts';
import type { PlannedRun } from './publication.ts';

/**
 * Which runs of a study are planned and not there, a sentence with a space before it; arms that lack the same seeds stand together.
 *
 * @returns nothing where none is left
 */
export function notRun(left: readonly PlannedRun[]): string {
  if (left.length === 0) return '';
  const bySeeds = new Map<string, string[]>();
  for (const title of new Set(left.map(({ arm }) => arm))) {
    const seeds = seedsText(left.filter(({ arm }) => arm === title).map(({ seed }) => seed));
    bySeeds.set(seeds, [...(bySeeds.get(seeds) ?? []), title]);
  }
  const parts = [...bySeeds].map(([seeds, titles]) => `${listing(titles)} with ${seeds}`);
  return ` **Not run yet**: ${escapeMarkdown(parts.join('; '))}.`;
}

/** `seed 8`, `seeds 8 and 10`, `seeds 1 to 6`. */
function seedsText(seeds: readonly number[]): string {
  const [first = 0] = seeds;
  const isRange = seeds.length > 2 && seeds.every((seed, at) => seed === first + at);
  const text = isRange ? `${first} to ${seeds.at(-1)}` : listing(seeds);
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${text}`;
}

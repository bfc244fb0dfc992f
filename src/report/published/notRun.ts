import { listing, seedsText } from '../format.ts';
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

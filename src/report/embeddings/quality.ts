/** How far pictures of embeddings can be trusted, for their tables. */
import type { Embedding } from '../../analysis/index.ts';
import { NOTHING, percentage } from '../format.ts';

/** What the columns of {@link qualityCells} are called. */
export const QUALITY_COLUMNS = [
  'trustworthiness',
  'neighbours of one class, picture (%)',
  'features (%)',
] as const;

/** The quality of an embedding, a cell for each of {@link QUALITY_COLUMNS}. */
export function qualityCells({ quality }: Embedding): string[] {
  return [
    quality.trustworthiness?.toFixed(3) ?? NOTHING,
    percentage(quality.neighbourAccuracy),
    percentage(quality.featureAccuracy),
  ];
}

import { createHash } from 'node:crypto';

import type { Specification } from './schema.ts';

/** SHA-256 of the complete specification, whatever the order of its fields. */
export function specificationHash(specification: Specification): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(specification)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

import type { Study } from '../../experiments/index.ts';

/** The profile that is taken where none is named: the first of these that the study has. */
const USUAL = ['quick', 'full'];

export function usualProfile({ profiles }: Study): string {
  return USUAL.find((name) => name in profiles) ?? Object.keys(profiles)[0]!;
}

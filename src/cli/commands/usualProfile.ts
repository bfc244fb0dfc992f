import type { Study } from '../../experiments/index.ts';

/** The profile that is taken where none is named: the first of these that the study has. */
const USUAL = ['quick', 'full'];

/** @param among the profiles that are there; default all of the study */
export function usualProfile({ profiles }: Study, among: readonly string[] = Object.keys(profiles)): string {
  return USUAL.find((name) => among.includes(name)) ?? among[0]!;
}

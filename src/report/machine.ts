import type { EnvironmentRecord } from '../experiments/index.ts';
import { NOTHING } from './format.ts';

/** What a processor is called by the widest of its vector instructions, which decide how fast it trains. */
const WIDEST = [
  ['avx512f', 'AVX-512'],
  ['avx2', 'AVX2'],
  ['avx', 'AVX'],
] as const;

/** The widest vector instructions of the processor that a run was made on, e.g. `AVX-512`; `undefined` where it is not known. */
export function instructionsOf(environment: object): string | undefined {
  const { cpuFlags } = environment as Partial<EnvironmentRecord>;
  return WIDEST.find(([flag]) => cpuFlags?.includes(flag) === true)?.[1];
}

/** What a run was made on, e.g. `AMD EPYC (AVX-512), 2 cores`. */
export function machineOf(environment: object): string {
  const { cpu, cores } = environment as Partial<EnvironmentRecord>;
  const widest = instructionsOf(environment);
  return [
    `${cpu ?? NOTHING}${widest === undefined ? '' : ` (${widest})`}`,
    ...(cores === undefined ? [] : [`${cores} cores`]),
  ].join(', ');
}

import type { EnvironmentRecord } from '../experiments/index.ts';
import { NOTHING } from './format.ts';

/** What a processor is called by the widest of its vector instructions, which decide how fast it trains. */
const WIDEST = [
  ['avx512f', 'AVX-512'],
  ['avx2', 'AVX2'],
  ['avx', 'AVX'],
] as const;

/** What a run was made on, e.g. `AMD EPYC (AVX-512), 2 cores`. */
export function machineOf(environment: object): string {
  const { cpu, cpuFlags, cores } = environment as Partial<EnvironmentRecord>;
  const widest = WIDEST.find(([flag]) => cpuFlags?.includes(flag) === true);
  return [
    `${cpu ?? NOTHING}${widest === undefined ? '' : ` (${widest[1]})`}`,
    ...(cores === undefined ? [] : [`${cores} cores`]),
  ].join(', ');
}

import { existsSync, readFileSync } from 'node:fs';

/** The instructions that oneDNN, TensorFlow's library of kernels, chooses between, from the oldest to the newest. */
const INSTRUCTIONS = [
  'avx',
  'avx2',
  'fma',
  'avx_vnni',
  'avx512f',
  'avx512bw',
  'avx512_vnni',
  'avx512_bf16',
  'avx_ne_convert',
  'avx512_fp16',
  'amx_tile',
  'amx_int8',
  'amx_bf16',
] as const;

/**
 * Those of the processor's vector instructions that decide how fast TensorFlow computes, in the words of Linux;
 * `undefined` where the system does not say, as on macOS, Windows and ARM.
 *
 * @param cpuinfo text of `/proc/cpuinfo`; default: this machine's
 */
export function vectorInstructions(cpuinfo: string | undefined = readCpuinfo()): string[] | undefined {
  const flags = /^flags\s*:(.*)$/m
    .exec(cpuinfo ?? '')?.[1]
    ?.trim()
    .split(/\s+/);
  return flags && INSTRUCTIONS.filter((name) => flags.includes(name));
}

function readCpuinfo(): string | undefined {
  return existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : undefined;
}

/**
 * How a processor computes in bfloat16:
 * - `amx`: AMX tiles, the fastest
 * - `avx512`: AVX512-BF16, two products where float32 has one
 * - `emulated`: no instructions of its own, AVX512 stands in for them
 * - `none`: neither; TensorFlow falls back to plain loops
 * - `unknown`: the system does not say
 */
export type Bfloat16Support = 'amx' | 'avx512' | 'emulated' | 'none' | 'unknown';

/** How a processor with these {@link vectorInstructions} computes in bfloat16. */
export function bfloat16Support(instructions: readonly string[] | undefined): Bfloat16Support {
  if (instructions === undefined) return 'unknown';
  if (instructions.includes('amx_bf16')) return 'amx';
  if (instructions.includes('avx512_bf16')) return 'avx512';
  return instructions.includes('avx512bw') ? 'emulated' : 'none';
}

import { hash } from 'node:crypto';

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A repeatable stream of random numbers. */
export interface Stream {
  /** Uniform in `[0, 1)`, 32 random bits. */
  next(): number;
  /** Uniform integer in `0..n-1`. */
  int(n: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
}

/** What {@link createStream} makes a stream of. */
export type StreamName = readonly [seed: number, ...name: (string | number)[]];

/**
 * The stream that belongs to a seed and a name, a pure function of its arguments: `createStream(7, 'shuffle', 3)`
 * is the order of epoch 3 under seed 7, whatever ran before. So nothing of a stream has to be stored to resume a
 * run, and using one more random number in one place changes nothing in another.
 *
 * The generator is xoroshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018),
 * seeded with 128 bits of the SHA-256 of the arguments.
 */
export function createStream(...[seed, ...name]: StreamName): Stream {
  // The one-shot function: a third of the time of a Hash object, and every training image has a stream.
  const digest = hash('sha256', JSON.stringify([seed, ...name]), 'buffer');
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)));
  const next = (): number => (generator.next() >>> 0) / 2 ** 32;
  return {
    next,
    int: (n) => uniformInt(generator, 0, n - 1),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** The numbers `0..n-1` in random order (Fisher-Yates). */
export function permutation(n: number, stream: Stream): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.int(i + 1);
    const swap = order[i]!;
    order[i] = order[j]!;
    order[j] = swap;
  }
  return order;
}

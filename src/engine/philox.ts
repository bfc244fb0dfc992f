/**
 * The random numbers of TensorFlow's stateless operations, computed on the host: the same numbers for the same seed.
 *
 * Philox 4x32-10 is a counter-based generator: block `i` of four numbers is a function of `i` and the key alone.
 *
 * References: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; TensorFlow's
 * philox_random.h, random_distributions.h and stateless_random_ops.cc, whose choices are followed to the bit (normal
 * numbers to float32's rounding: logarithm and sine are computed in float64 here).
 */

type Four = [number, number, number, number];

/** Blocks of random bits that TensorFlow sets aside for each four truncated normal numbers. */
const BLOCKS_FOR_REJECTION = 256;
/** Two-sided bound of truncated normal numbers. */
const TRUNCATION = 2;
/** Smallest number whose logarithm is taken. */
const SMALLEST = 1e-7;

/** Where to write, and the seed: two integers of 32 bits. */
type Fill<T> = (into: T, seed: readonly [number, number]) => T;

/** Random bits. */
export const fillBits: Fill<Int32Array> = (into, seed) => {
  const block = generator(seed);
  for (let i = 0; i < into.length; i++) into[i] = block(i >>> 2)[i & 3]!;
  return into;
};

/** Uniform in `[0, 1)`, multiples of `2^-23`. */
export const fillUniform: Fill<Float32Array> = (into, seed) => {
  const block = generator(seed);
  for (let i = 0; i < into.length; i++) into[i] = uniform(block(i >>> 2)[i & 3]!);
  return into;
};

/** Standard normal (Box-Muller). */
export const fillNormal: Fill<Float32Array> = (into, seed) => {
  const block = generator(seed);
  for (let i = 0; i < into.length; i += 2) {
    const bits = block(i >>> 2);
    const pair = boxMuller(bits[i & 2]!, bits[(i & 2) + 1]!);
    into[i] = pair[0];
    if (i + 1 < into.length) into[i + 1] = pair[1];
  }
  return into;
};

/** Standard normal, drawn again where it is 2 or more from 0. */
export const fillTruncatedNormal: Fill<Float32Array> = (into, seed) => {
  const block = generator(seed);
  for (let start = 0; start < into.length; start += 4) {
    let at = start;
    for (let draw = 0; at < Math.min(start + 4, into.length); draw++) {
      const bits = block((start / 4) * BLOCKS_FOR_REJECTION + (draw >>> 1));
      const from = (draw & 1) * 2;
      for (const value of boxMuller(bits[from]!, bits[from + 1]!)) {
        if (Math.abs(value) < TRUNCATION && at < Math.min(start + 4, into.length)) into[at++] = value;
      }
    }
  }
  return into;
};

/** The blocks that belong to a seed, which is mixed first, so that seeds that are alike give numbers that are not. */
function generator([a, b]: readonly [number, number]): (index: number) => Four {
  const mixed = philox([a, a >> 31, b, b >> 31], 0x3ec8f720, 0x02461e29);
  let index = -1;
  let block: Four = [0, 0, 0, 0];
  return (wanted) => {
    if (wanted !== index) {
      index = wanted;
      // A counter of 128 bits; the carry into the upper half is out of reach.
      block = philox([wanted | 0, (wanted / 2 ** 32) | 0, mixed[2], mixed[3]], mixed[0], mixed[1]);
    }
    return block;
  };
}

function philox([c0, c1, c2, c3]: Four, k0: number, k1: number): Four {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0);
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the product of two unsigned integers. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  // Up to 2^32 each: whole numbers in float64, taken apart by division.
  const carry = (middle % 2 ** 16) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 2 ** 16) + Math.floor(carry / 2 ** 16)) | 0;
}

function uniform(bits: number): number {
  return (bits & 0x7fffff) / 2 ** 23;
}

function boxMuller(a: number, b: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(Math.max(uniform(a), SMALLEST)));
  const angle = 2 * Math.PI * uniform(b);
  return [Math.sin(angle) * radius, Math.cos(angle) * radius];
}

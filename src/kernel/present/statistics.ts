/** Range and mean of numbers. */
export interface Statistics {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** How many are not numbers; they are not in the other three. */
  readonly nans: number;
}

/** So many numbers are looked at together. */
const CHUNK = 1 << 13;

/** Of the first `count` values; bigints and booleans count as numbers. */
export function statistics(values: ArrayLike<unknown>, count = values.length): Statistics {
  const total = { min: Infinity, max: -Infinity, sum: 0, nans: 0 };
  // Through an array of one type, in a small function: the engine makes that fast within a few chunks.
  const chunk = new Float64Array(Math.min(CHUNK, count));
  for (let start = 0; start < count; start += CHUNK) {
    const length = Math.min(CHUNK, count - start);
    fill(chunk, values, start, length);
    add(total, chunk, length);
  }
  const { min, max, sum, nans } = total;
  return { min, mean: sum / (count - nans), max, nans };
}

function add(
  total: { min: number; max: number; sum: number; nans: number },
  chunk: Float64Array,
  length: number,
): void {
  let { min, max, sum, nans } = total;
  for (let i = 0; i < length; i++) {
    const value = chunk[i]!;
    if (value !== value) nans++;
    else {
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  Object.assign(total, { min, max, sum, nans });
}

function fill(chunk: Float64Array, values: ArrayLike<unknown>, start: number, length: number): void {
  const big = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (ArrayBuffer.isView(values) && !big) {
    chunk.set((values as unknown as Float64Array).subarray(start, start + length));
  } else {
    for (let i = 0; i < length; i++) chunk[i] = Number(values[start + i]);
  }
}

/** `min 0, mean 0.5, max 1`; what is not a number is counted. */
export function statisticsText({ min, mean, max, nans }: Statistics): string {
  const short = (value: number) => String(Number(value.toPrecision(4)));
  const missing = nans === 0 ? '' : `${grouped(nans)} NaN`;
  if (min > max) return missing; // none is a number
  const range = `min ${short(min)}, mean ${short(mean)}, max ${short(max)}`;
  return missing === '' ? range : `${range}, ${missing}`;
}

/** `1,234,567` */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** Numbers in an array, typed or not. */
export type Values = ArrayLike<number> & Iterable<number>;

/** Throws a RangeError that names the caller, unless there are so many values and all are finite. */
export function checkFinite(name: string, values: Values, least: number): void {
  if (values.length < least) {
    throw new RangeError(`${name}: ${values.length} values; at least ${least} are needed.`);
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new RangeError(`${name}: value ${i} is ${values[i]!}, not a finite number.`);
    }
  }
}

/** Throws a RangeError unless a confidence level lies between 0 and 1. */
export function checkLevel(name: string, level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`${name}: the level is ${level}; it must lie between 0 and 1, e.g. 0.95.`);
  }
}

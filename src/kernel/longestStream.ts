/** Characters of a stream message, above which it does not wait for more. */
export const LONGEST_STREAM = 1 << 20;

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The option `--max-time 1h30m`, in seconds. */
export function maxTime() {
  return new Option(
    '--max-time <time>',
    'stop before this time is up, e.g. 90s, 10m, 1h30m; the same command goes on',
  ).argParser(readTime);
}

/** Reads a length of time such as `90s`, `10m` or `1h30m`. */
export function readTime(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const seconds = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS],
    0,
  );
  if (parts.map(([part]) => part).join('') !== text || seconds <= 0) {
    throw new InvalidArgumentError('Write a time such as 90s, 10m, 2h or 1h30m.');
  }
  return seconds;
}

/** What stands where there is no number. */
export const NOTHING = '–';

/** `1234567` as `1,234,567`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** So many decimals, thousands apart: `5243.326` as `5,243.33`. */
export function decimals(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The least and the largest of some values, `1,000 to 5,000`; one where they are the same. */
export function range(values: readonly number[], format: (value: number) => string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? format(most) : `${format(least)} to ${format(most)}`;
}

/** A share as a percentage with two decimals, without the sign: `0.38625` as `38.63`. */
export function percentage(share: number): string {
  return (share * 100).toFixed(2);
}

/** A difference of shares in percentage points, always with its sign: `-0.0043` as `−0.43`. */
export function points(difference: number): string {
  return signedPoints(difference, 2);
}

/** {@link points} with so many decimals; on its own, since a table's column gives `format` the row as second argument. */
export function signedPoints(difference: number, digits: number): string {
  const rounded = (Math.abs(difference) * 100).toFixed(digits);
  if (Number(rounded) === 0) return rounded;
  return `${difference < 0 ? '−' : '+'}${rounded}`;
}

/** Both ends of an interval of a difference of shares, in percentage points: `−0.92 to +0.05`. */
export function pointsInterval({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${points(low)} to ${points(high)}`;
}

/** A difference of shares with its interval, in percentage points: `−0.43 points (−0.92 to +0.05)`. */
export function differenceText(
  difference: number,
  interval: { readonly low: number; readonly high: number } | undefined,
): string {
  return `${points(difference)} points${interval === undefined ? '' : ` (${pointsInterval(interval)})`}`;
}

/** `3.456` as `3.5`. */
export function oneDecimal(value: number): string {
  return value.toFixed(1);
}

/** Two decimals with a true minus: `-0.036` as `−0.04`. */
export function twoDecimals(value: number): string {
  const rounded = Math.abs(value).toFixed(2);
  return value < 0 && Number(rounded) !== 0 ? `−${rounded}` : rounded;
}

/** A p-value: three decimals, and never 0. */
export function pValue(p: number): string {
  return p < 0.0005 ? '<0.001' : p.toFixed(3);
}

/** Three significant digits, without an exponent from 0.0001 to 99,999: `0.009123` as `0.00912`. */
export function threeDigits(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : NOTHING;
  const magnitude = Math.abs(value);
  if (magnitude < 0.0001 || magnitude >= 1e5) return value.toExponential(2).replaceAll('-', '−');
  // From 999.5 on three digits are a thousand.
  if (magnitude >= 999.5) return whole(value);
  return value.toPrecision(3).replace('-', '−');
}

const WORDS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Small whole numbers in words. */
export function inWords(n: number): string {
  return WORDS[n] ?? whole(n);
}

/** `a`, `a and b`, `a, b and c`. */
export function listing(items: readonly (string | number)[]): string {
  const words = items.map(String);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}

/** `seed 8`, `seeds 8 and 10`, `seeds 1 to 10`. */
export function seedsText(seeds: readonly number[]): string {
  const [first = 0] = seeds;
  const isRange = seeds.length > 3 && seeds.every((seed, at) => seed === first + at);
  const text = isRange ? `${first} to ${seeds.at(-1)}` : listing(seeds);
  return `${seeds.length === 1 ? 'seed' : 'seeds'} ${text}`;
}

/** The text with a capital first. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Columns of a terminal that sentences fill. */
const WIDTH = 96;

/** The text in lines of at most {@link WIDTH} characters, broken between words. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  // A number keeps its per cent sign beside it.
  for (const word of text.replace(/(\d) %/g, '$1\u00a0%').split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n').replaceAll('\u00a0', ' ');
}

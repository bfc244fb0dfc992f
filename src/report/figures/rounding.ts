/** How the numbers of figures are rounded: to what a screen shows. */

/** A number as a figure holds it: five digits are more than a screen shows; what is no number is a gap. */
export function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined || !Number.isFinite(value)
    ? null
    : Number(value.toPrecision(5));
}

/** A coordinate of a picture whose axes mean little: four digits. */
export function coordinate(value: number): number {
  return Number(value.toPrecision(4));
}

/** A share, or the difference of two, in per cent, to four decimals. */
export function inPercent(share: number): number {
  return Number((100 * share).toFixed(4));
}

/** A place in a figure, a share of its width or height, to four decimals: a figure's text does not depend on rounding. */
export function placed(share: number): number {
  return Math.round(share * 1e4) / 1e4;
}

import type { Box, PixelSize } from './fit.ts';

/** Bits after the point of the weights: 8 of a value and 2 for the sum beside them make 32. */
const FRACTION = 32 - 8 - 2;

/** Lanczos with a = 3. */
const RADIUS = 3;

/** What an output pixel is the weighted sum of: `taps` inputs from `first` on. */
interface Weights {
  readonly first: Int32Array;
  readonly taps: Int32Array;
  /** `[outputs, most]`, in fixed point. */
  readonly weights: Int32Array;
  readonly most: number;
}

/**
 * Resizes an area of an image by Lanczos with a = 3: each output pixel is the sum of `sinc(x) sinc(x / 3)` over all
 * pixels within three output pixels where it is reduced, three input pixels where it is enlarged; pixels beside the
 * area count, those beside the image do not. First across, then down, both rounded to bytes.
 *
 * The result is, to the bit, that of Pillow's `image.resize(size, LANCZOS, box)`: the same fixed-point arithmetic. Only
 * where a picture is squeezed more in height than in width does Pillow 13 go down before across, and then some values
 * are one grey level apart.
 *
 * @param pixels `[height, width, 3]`
 * @returns `[size.height, size.width, 3]`
 */
export function resample(
  pixels: Uint8Array,
  { width, height }: PixelSize,
  box: Box,
  size: PixelSize,
): Uint8Array {
  const across = weightsOf(width, box.left, box.right, size.width);
  const down = weightsOf(height, box.top, box.bottom, size.height);
  return resampleDown(resampleAcross(pixels, width, height, across), size.width, down);
}

function weightsOf(inputs: number, from: number, to: number, outputs: number): Weights {
  // In single precision, as Pillow keeps its box.
  const start = Math.fround(from);
  const scale = Math.fround(Math.fround(to) - start) / outputs;
  const stretch = Math.max(1, scale);
  const support = RADIUS * stretch;
  const most = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputs);
  const taps = new Int32Array(outputs);
  const weights = new Int32Array(outputs * most);
  const own = new Float64Array(most);
  for (let out = 0; out < outputs; out++) {
    const centre = start + (out + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(inputs, Math.trunc(centre + support + 0.5)) - low;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      own[k] = lanczos((k + low - centre + 0.5) * (1 / stretch));
      sum += own[k]!;
    }
    for (let k = 0; k < count; k++) {
      const weight = (own[k]! / sum) * (1 << FRACTION);
      weights[out * most + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    first[out] = low;
    taps[out] = count;
  }
  return { first, taps, weights, most };
}

function lanczos(x: number): number {
  return x >= -RADIUS && x < RADIUS ? sinc(x) * sinc(x / RADIUS) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const HALF = 1 << (FRACTION - 1);

function resampleAcross(pixels: Uint8Array, width: number, height: number, across: Weights): Uint8Array {
  const { first, taps, weights, most } = across;
  const outputs = first.length;
  const result = new Uint8Array(height * outputs * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < outputs; x++, to += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let at = (y * width + first[x]!) * 3;
      for (let k = x * most, end = k + taps[x]!; k < end; k++, at += 3) {
        const weight = weights[k]!;
        red = (red + Math.imul(pixels[at]!, weight)) | 0;
        green = (green + Math.imul(pixels[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(pixels[at + 2]!, weight)) | 0;
      }
      result[to] = toByte(red);
      result[to + 1] = toByte(green);
      result[to + 2] = toByte(blue);
    }
  }
  return result;
}

function resampleDown(pixels: Uint8Array, width: number, down: Weights): Uint8Array {
  const { first, taps, weights, most } = down;
  const row = width * 3;
  const result = new Uint8Array(first.length * row);
  const sums = new Int32Array(row);
  for (let y = 0; y < first.length; y++) {
    sums.fill(HALF);
    let at = first[y]! * row;
    for (let k = y * most, end = k + taps[y]!; k < end; k++) {
      const weight = weights[k]!;
      for (let i = 0; i < row; i++, at++) sums[i] = sums[i]! + Math.imul(pixels[at]!, weight);
    }
    for (let i = 0; i < row; i++) result[y * row + i] = toByte(sums[i]!);
  }
  return result;
}

function toByte(sum: number): number {
  const value = sum >> FRACTION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

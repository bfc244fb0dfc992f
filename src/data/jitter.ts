import type { Stream } from '../engine/random.ts';

/** How far colours are changed at random: a factor is drawn evenly from `max(0, 1 - x)` to `1 + x`. Default 0, none. */
export interface Jitter {
  readonly brightness?: number | undefined;
  readonly contrast?: number | undefined;
  readonly saturation?: number | undefined;
}

/** The factors of one image; 1 changes nothing. */
export interface JitterFactors {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

/** Draws the factors of one image. */
export function drawJitter(
  { brightness = 0, contrast = 0, saturation = 0 }: Jitter,
  stream: Stream,
): JitterFactors {
  const factor = (range: number): number => {
    if (range === 0) return 1;
    const lowest = Math.max(0, 1 - range);
    return lowest + (1 + range - lowest) * stream.next();
  };
  return { brightness: factor(brightness), contrast: factor(contrast), saturation: factor(saturation) };
}

/**
 * Changes the colours of one image, in this order: brightness (a blend with black), contrast (with the mean of its grey
 * values), saturation (with its grey values), each cut to 0..255 and to whole numbers: torchvision's `adjust_brightness`,
 * `adjust_contrast` and `adjust_saturation` of bytes. An image of one channel has no saturation.
 *
 * @param pixels `[height, width, channels]`, three channels or one; changed in place
 */
export function applyJitter(pixels: Uint8Array, channels: number, factors: JitterFactors): void {
  const { brightness, contrast, saturation } = factors;
  if (brightness !== 1) blend(pixels, brightness, 0);
  if (contrast !== 1) {
    let sum = 0;
    for (let at = 0; at < pixels.length; at += channels) sum += grey(pixels, at, channels);
    const mean = (sum * channels) / pixels.length;
    blend(pixels, contrast, mean);
  }
  if (saturation !== 1 && channels === 3) {
    for (let at = 0; at < pixels.length; at += 3) {
      blend(pixels.subarray(at, at + 3), saturation, grey(pixels, at, 3));
    }
  }
}

/** Luma of ITU-R BT.601 with torchvision's weights. */
function grey(pixels: Uint8Array, at: number, channels: number): number {
  if (channels === 1) return pixels[at]!;
  return Math.floor(0.2989 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!);
}

function blend(pixels: Uint8Array, factor: number, other: number): void {
  const rest = (1 - factor) * other;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.max(0, Math.min(255, factor * pixels[i]! + rest));
  }
}

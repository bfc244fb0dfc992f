import type { Metadata, Sharp } from 'sharp';

import { UserError } from '../../engine/errors.ts';
import { type Fit, type PixelSize, placeImage } from './fit.ts';
import { resample } from './resample.ts';

/** The largest file that is read as one image. */
export const MAX_BYTES = 256 << 20;

/** The largest image that is decoded, 300 MB of 8-bit colour. */
const MAX_PIXELS = 100_000_000;

const FORMATS: readonly string[] = ['jpeg', 'png', 'webp'];

export interface DecodeImageOptions {
  /** Default: the image's own, after its orientation. */
  readonly size?: PixelSize | undefined;
  /** Default `cover`. */
  readonly fit?: Fit | undefined;
  /** One channel instead of three, the luma of ITU-R BT.601; default `false`. */
  readonly grey?: boolean | undefined;
}

export interface DecodedImage extends PixelSize {
  /** 3: red, green, blue; or 1. */
  readonly channels: 1 | 3;
  /** `[height, width, channels]` */
  readonly pixels: Uint8Array;
}

/** An image cannot be used; the message says what was expected and found, without a full stop. */
export class BadImageError extends Error {
  override readonly name = 'BadImageError';
}

/** Versions of what decodes. */
export async function decoderVersions(): Promise<{ sharp: string; libvips: string }> {
  const { versions } = await loadSharp();
  return { sharp: versions.sharp, libvips: versions.vips };
}

/**
 * Decodes one JPEG, PNG or WebP (the first picture of an animation) to bytes, red, green and blue beside each other:
 *
 * - turned as its EXIF orientation says;
 * - values as they are stored: colour profiles are not applied; 16 bits are cut to the upper 8; grey becomes three
 *   equal channels; red of CMYK is `(255 - C)(255 - K) / 255`, green and blue the same of M and Y;
 * - what is transparent is laid over black;
 * - resized by Lanczos (a = 3), see {@link resample}, {@link Fit} and {@link placeImage}.
 *
 * The result is Pillow's to the bit; where there was transparency, or the height is squeezed more than the width, to one
 * grey level.
 *
 * @throws {BadImageError} where it is empty, truncated, damaged, of another format or too large
 * @throws {UserError} where this machine has no decoder
 */
export async function decodeImage(
  bytes: Uint8Array,
  { size, fit = 'cover', grey = false }: DecodeImageOptions = {},
): Promise<DecodedImage> {
  if (bytes.length === 0) throw new BadImageError('expected a JPEG, PNG or WebP; found an empty file');
  const sharp = await loadSharp();
  try {
    // Any warning is an error: what is damaged is not taken with grey in the place of what is missing.
    const image = sharp(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: MAX_PIXELS });
    const metadata = await image.metadata();
    if (!FORMATS.includes(metadata.format)) {
      throw new BadImageError(`expected a JPEG, PNG or WebP; found ${metadata.format}`);
    }
    const colour = await readColour(image, metadata);
    const resized = size === undefined ? colour : resize(colour, size, fit);
    return grey ? { ...resized, channels: 1, pixels: luma(resized.pixels) } : resized;
  } catch (error) {
    if (error instanceof BadImageError) throw error;
    const [first] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new BadImageError(`expected a whole JPEG, PNG or WebP; found that it does not decode (${first})`, {
      cause: error,
    });
  }
}

interface ColourImage extends PixelSize {
  readonly channels: 3;
  readonly pixels: Uint8Array;
}

async function readColour(image: Sharp, { space }: Metadata): Promise<ColourImage> {
  image.autoOrient();
  // Sharp only decodes: libvips enlarges half a pixel off, and reduces blocks before it filters.
  if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk');
  else image.flatten({ background: '#000' }).toColourspace('srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const pixels = space === 'cmyk' ? fromCmyk(data) : data;
  return { width: info.width, height: info.height, channels: 3, pixels };
}

function resize(image: ColourImage, target: PixelSize, fit: Fit): ColourImage {
  if (image.width === target.width && image.height === target.height) return image;
  const { box, size, left, top } = placeImage(image, target, fit);
  const resized = resample(image.pixels, image, box, size);
  const { width, height } = target;
  if (size.width === width && size.height === height) return { width, height, channels: 3, pixels: resized };
  const pixels = new Uint8Array(width * height * 3);
  const row = size.width * 3;
  for (let y = 0; y < size.height; y++) {
    pixels.set(resized.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * 3);
  }
  return { width, height, channels: 3, pixels };
}

function fromCmyk(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const white = 255 - cmyk[from + 3]!;
    for (let c = 0; c < 3; c++) rgb[to + c] = Math.round(((255 - cmyk[from + c]!) * white) / 255);
  }
  return rgb;
}

/** In 16-bit fixed point, as Pillow's mode L and so torchvision's `Grayscale`. */
function luma(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let from = 0, to = 0; to < grey.length; from += 3, to++) {
    grey[to] = (19595 * rgb[from]! + 38470 * rgb[from + 1]! + 7471 * rgb[from + 2]! + 0x8000) >> 16;
  }
  return grey;
}

/** Only when an image is decoded: everything else works where there is no build of sharp for the machine. */
async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    throw new UserError(
      `Images cannot be decoded on this machine (${process.platform} ${process.arch}): the package sharp does not ` +
        'load. Install again with optional dependencies (npm install --include=optional).',
      { cause: error },
    );
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Encoded {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly pixels: string;
}

interface Fixtures {
  readonly decoded: readonly (Encoded & { readonly file: string })[];
  readonly luma: string;
  readonly resized: {
    readonly files: Readonly<Record<string, string>>;
    readonly cases: readonly (Encoded & { readonly fit: 'cover' | 'contain' | 'fill' })[];
  };
}

const file = join(import.meta.dirname, '../../fixtures/images/images.json');
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Fixtures;
const bytes = (text: string): Buffer => Buffer.from(text, 'base64');

/** Images in every kind of file, and what Pillow decodes them to, `[height, width, 3]`. */
export const decoded = fixtures.decoded.map((image) => ({
  ...image,
  file: bytes(image.file),
  pixels: bytes(image.pixels),
}));

/** Pillow's conversion of `colour.png` to grey. */
export const luma = bytes(fixtures.luma);

/** Images and what Pillow resizes them to. */
export const resized = fixtures.resized.cases.map((image) => ({
  ...image,
  file: bytes(fixtures.resized.files[image.name]!),
  pixels: bytes(image.pixels),
}));

/** The file of one of {@link decoded}. */
export function fixture(name: string): Buffer {
  return decoded.find((image) => image.name === name)!.file;
}

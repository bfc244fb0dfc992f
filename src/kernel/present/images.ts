/** Pictures, known by the first bytes of their files. */
import type { MimeBundle } from '../mimeBundle.ts';

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

/** SVG is text: perhaps a byte order mark, a declaration and comments, then the element. */
const SVG = /^\uFEFF?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[^])*-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i;

/** The media type of a picture; undefined for other bytes. */
function imageType(bytes: Uint8Array): string | undefined {
  const first = ascii(bytes, 0, 12);
  if (first.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (first.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (first.startsWith('GIF87a') || first.startsWith('GIF89a')) return 'image/gif';
  if (first.startsWith('RIFF') && first.slice(8) === 'WEBP') return 'image/webp';
  if (/^(?:\xef\xbb\xbf)?\s*</.test(first) && SVG.test(text(bytes.subarray(0, 4096)))) return 'image/svg+xml';
  return undefined;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The representations of a picture; undefined for other bytes. */
export function imageBundle(bytes: Uint8Array): MimeBundle | undefined {
  const type = imageType(bytes);
  if (type === undefined) return undefined;
  const named = { 'text/plain': `[image: ${type.slice('image/'.length)}]` };
  if (type === 'image/svg+xml') return { [type]: text(bytes), ...named };
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  if (type === 'image/png' || type === 'image/jpeg') return { [type]: base64, ...named };
  // nbconvert and GitHub show the other two only inside HTML.
  return { [type]: base64, 'text/html': `<img src="data:${type};base64,${base64}">`, ...named };
}

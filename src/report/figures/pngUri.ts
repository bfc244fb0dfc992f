/** A PNG file as an address, for a page or a figure that stands alone. */
export function pngUri(png: Buffer): string {
  return `data:image/png;base64,${png.toString('base64')}`;
}

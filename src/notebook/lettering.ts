/** Letters of a picture of pixels: no font has to be installed, and the same text is the same pixels everywhere. */

/** Pixels of a letter; all are of one width. */
export const LETTER = { width: 6, height: 11 };

/**
 * ASCII 32 to 126, eleven bytes each: rows from top to bottom, the highest bit on the left. Courier Bold of 8 points from
 * the X Window System (courB08; Copyright 1984, 1987 Adobe Systems Incorporated, 1988, 1991 Digital Equipment
 * Corporation; free to use, copy, modify and distribute).
 */
const BITS = Buffer.from(
  'AAAAAAAAAAAAAAAAAABgYGBgAGAAAAAAAFBQUAAAAAAAAABQUPhQUPhQUAAAIHjI8HgY2PAgAAAA4KjwIHioOAAAAAAAcMBg+LD4' +
    'AAAAADAgQAAAAAAAAAAAECBgYGBgIBAAAABAIDAwMDAgQAAAACDwYJAAAAAAAAAAACAg+CAgAAAAAAAAAAAAAAAwIEAAAAAAAPgA' +
    'AAAAAAAAAAAAAAAAYAAAAAAICBAQICBAQAAAAHDY2NjY2HAAAAAAMPAwMDAw/AAAAABw2BgwYNj4AAAAAHDYGHAY2HAAAAAAGDhY' +
    '2PwYGAAAAAD4wPDYGJjwAAAAAHDYwPDY2HAAAAAA+NgYMDBgYAAAAABw2Nhw2NhwAAAAAHDY2HgY2HAAAAAAAAAAYAAAYAAAAAAA' +
    'AABgAABgQIAAAAAwYMBgMAAAAAAAAADwAPAAAAAAAAAAYDAYMGAAAAAAAABwmDBgAGAAAAAAcMiYqKicwHAAAAAA8HBQ+NjcAAAA' +
    'AADw2PDY2PAAAAAAAHjYwMDYcAAAAAAA8NjY2NjwAAAAAAD4wPDA2PgAAAAAAPjA8MDA4AAAAAAAcNjA+Nh4AAAAAADc2PjY2NwA' +
    'AAAAAPBgYGBg8AAAAAAAeDAwsLDgAAAAAADY0ODw2OwAAAAAAODAwMDY+AAAAAAAiNjY+KioAAAAAADc6OjY2MgAAAAAAHDY2NjY' +
    'cAAAAAAA8NjY8MDgAAAAAABw2NjY2HAYAAAAAPDY2PDY7AAAAAAAeMjwOJjwAAAAAAD4aGBgYPAAAAAAANzY2NjYcAAAAAAA3NhQ' +
    'cHAgAAAAAACsqKj4cFAAAAAAAMx4MDB4zAAAAAAAzMx4MDB4AAAAAAD42DBg2PgAAAAAcGBgYGBgYHAAAACAgEBAICAQEAAAAHAw' +
    'MDAwMDBwAAAAIHDYAAAAAAAAAAAAAAAAAAAAAPwAAGAgEAAAAAAAAAAAAABw2HjY/AAAAADAwPDY2NjwAAAAAAAAcNjA2HAAAAAA' +
    'OBh42NjYfAAAAAAAAHDY+MB4AAAAADhg+GBgYPgAAAAAAABs2NjYeBjwAADAwPDY2NjYAAAAADAA8DAwMPwAAAAAMADwMDAwMDDg' +
    'AADAwNjw4PDcAAAAAPAwMDAwMPwAAAAAAADw+KioqAAAAAAAALDY2NjYAAAAAAAAcNjY2HAAAAAAAADw2NjY8MDgAAAAAGzY2Nh4' +
    'GDwAAAAA3HRgYPAAAAAAAAB44Hgc+AAAAABgYPhgYGw4AAAAAAAA2NjY2HwAAAAAAADY2HBwIAAAAAAAAKyo+HhQAAAAAAAA7Hgw' +
    'eNwAAAAAAADc2NhQcGDAAAAAAPiwYNj4AAAAABgwMGAwMDAYAAAAACAgICAgICAAAADAYGAwYGBgwAAAAAAAaLAAAAAAAA==',
  'base64',
);

/** Text as it can be drawn: accents are dropped; `undefined` where it has other letters than ASCII's. */
export function drawable(text: string): string | undefined {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '');
  return /^[ -~]*$/.test(plain) ? plain : undefined;
}

/** Draws text from its upper left corner on, `scale` pixels for each of its own. */
export function drawText(
  text: string,
  { x, y, scale = 1 }: { readonly x: number; readonly y: number; readonly scale?: number },
  dot: (x: number, y: number) => void,
): void {
  for (const [place, code] of Buffer.from(text, 'latin1').entries()) {
    const from = (code - 32) * LETTER.height;
    for (let row = 0; row < LETTER.height * scale; row++) {
      const bits = BITS[from + Math.floor(row / scale)]!;
      for (let column = 0; column < LETTER.width * scale; column++) {
        if ((bits >> (7 - Math.floor(column / scale))) & 1) {
          dot(x + place * LETTER.width * scale + column, y + row);
        }
      }
    }
  }
}

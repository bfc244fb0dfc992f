import { UserError } from '../../engine/errors.ts';
import { matNumbers, matValues, matVariables, type MatVariable } from './matFile.ts';
import { REMEDY, type Format, type ImageSize, type OpenFile } from './types.ts';

/** Unsigned bytes in a MATLAB file. */
const UINT8 = 2;

interface Opened {
  readonly file: OpenFile;
  readonly images: MatVariable;
  readonly labels: MatVariable;
  readonly n: number;
}

/**
 * The cropped digits of SVHN: MATLAB files with `X` `[height, width, channels, n] uint8` and `y` `[n, 1]`, where the
 * digit 0 has the label 10. The values of `X` are streamed: beside the result, a few megabytes are held.
 *
 * Reference: http://ufldl.stanford.edu/housenumbers, "Format 2: Cropped Digits".
 */
export const openSvhn: Format = async (files, { size, classes }) => {
  const opened: Opened[] = [];
  for (const file of files) opened.push(await open(file, size));
  return {
    n: opened.reduce((sum, { n }) => sum + n, 0),
    decode: async ({ images, labels }) => {
      const pixels = size.height * size.width * size.channels;
      let at = 0;
      for (const part of opened) {
        const end = at + part.n;
        await readImages(part, size, images.subarray(at * pixels, end * pixels));
        await readLabels(part, classes, labels.subarray(at, end));
        at = end;
      }
    },
  };
};

async function open(file: OpenFile, { height, width, channels }: ImageSize): Promise<Opened> {
  const variables = await matVariables(file);
  const [images, labels] = ['X', 'y'].map((name) => variables.find((variable) => variable.name === name));
  if (images === undefined || labels === undefined) {
    const found = variables.map(({ name, dimensions }) => `${name} (${dimensions.join(' by ')})`).join(', ');
    throw new UserError(
      `${file.path} does not hold cropped digits: expected the arrays X and y; found ${found || 'none'}. ${REMEDY}`,
    );
  }
  // MATLAB leaves out dimensions of 1 at the end: one image has three.
  const [h, w, c, n = 1, ...more] = images.dimensions;
  if (h !== height || w !== width || c !== channels || more.length > 0 || n === 0 || images.type !== UINT8) {
    throw new UserError(
      `${file.path} does not hold the images that were expected: X of ${height} by ${width} by ${channels} by n unsigned ` +
        `bytes; found ${images.dimensions.join(' by ')} values of type ${images.type}. ${REMEDY}`,
    );
  }
  const count = labels.dimensions.reduce((product, length) => product * length, 1);
  if (count !== n) {
    throw new UserError(`${file.path} is damaged: ${n} images in X and ${count} labels in y. ${REMEDY}`);
  }
  return { file, images, labels, n };
}

/** Where each value of an image goes: MATLAB stores channel by channel, each column by column. */
function targets({ height, width, channels }: ImageSize): Uint32Array {
  const to = new Uint32Array(height * width * channels);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let x = 0; x < width; x++) {
      for (let y = 0; y < height; y++) to[at++] = (y * width + x) * channels + c;
    }
  }
  return to;
}

async function readImages({ file, images }: Opened, size: ImageSize, into: Uint8Array): Promise<void> {
  const to = targets(size);
  let base = 0;
  let within = 0;
  for await (const piece of matValues(file, images, into.length)) {
    for (const value of piece) {
      into[base + to[within]!] = value;
      if (++within === to.length) {
        base += to.length;
        within = 0;
      }
    }
  }
}

async function readLabels({ file, labels }: Opened, classes: number, into: Uint8Array): Promise<void> {
  const values = await matNumbers(file, labels);
  for (const [i, value] of values.entries()) {
    if (!Number.isInteger(value) || value < 1 || value > classes) {
      throw new UserError(
        `${file.path} is damaged or of another set: expected labels 1 to ${classes} (${classes} is the digit 0); ` +
          `found ${value} for image ${i}. ${REMEDY}`,
      );
    }
    into[i] = value % classes;
  }
}

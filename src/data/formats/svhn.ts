import { UserError } from '../../engine/errors.ts';
import { matNumbers, matValues, matVariables, type MatVariable } from './matFile.ts';
import { wholeImages } from './readFile.ts';
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
    blocks: async function* () {
      for (const part of opened) {
        // The few of them first: wrong ones are refused before the pixels are read.
        const labels = await readLabels(part, classes);
        let first = 0;
        for await (const images of readImages(part, size)) {
          const n = images.length / (size.height * size.width * size.channels);
          yield { images, labels: labels.subarray(first, first + n) };
          first += n;
        }
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

async function* readImages(
  { file, images, n }: Opened,
  size: ImageSize,
): AsyncGenerator<Uint8Array, void, undefined> {
  const to = targets(size);
  for await (const block of wholeImages(matValues(file, images, n * to.length), size)) {
    const turned = new Uint8Array(block.length);
    for (let base = 0; base < block.length; base += to.length) {
      for (let i = 0; i < to.length; i++) turned[base + to[i]!] = block[base + i]!;
    }
    yield turned;
  }
}

async function readLabels({ file, labels }: Opened, classes: number): Promise<Uint8Array> {
  const values = await matNumbers(file, labels);
  return Uint8Array.from(values, (value, i) => {
    if (!Number.isInteger(value) || value < 1 || value > classes) {
      throw new UserError(
        `${file.path} is damaged or of another set: expected labels 1 to ${classes} (${classes} is the digit 0); ` +
          `found ${value} for image ${i}. ${REMEDY}`,
      );
    }
    return value % classes;
  });
}

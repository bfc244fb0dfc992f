import { basename, resolve } from 'node:path';

import { UserError } from '../../engine/errors.ts';
import { headerDigest } from '../digest.ts';
import { HEADER, readFlat, type ReadFlatOptions } from '../flat/index.ts';
import type { Dataset } from '../types.ts';
import { readHeader } from './header.ts';

const REMEDY = 'Import the images again with --force.';

export type ReadImportedOptions = Omit<ReadFlatOptions, 'remedy'>;

/**
 * Opens a set that {@link importImages} has written.
 *
 * Header, sizes of all files, range of the labels and number of images of each class are always checked, and up to 1 GB
 * the CRC-32 of each file; with `checksums` its SHA-256.
 *
 * @param folder `<data folder>/<name>`
 * @throws {UserError} where it holds no imported set, or a file is missing, cut, over-long or changed, naming the file,
 *   what was expected and found
 * @throws the signal's reason when aborted
 */
export async function readImported(folder: string, options: ReadImportedOptions = {}): Promise<Dataset> {
  const header = await readHeader(folder);
  if (header === undefined) {
    throw new UserError(
      `${folder} holds no imported image set: expected ${HEADER} in it. ` +
        `Import one with \`npx msl data import ${basename(folder)} FOLDER\`.`,
    );
  }
  const { train, test, groups } = await readFlat(folder, header, { ...options, remedy: REMEDY });
  const { normalisation, validationFrom } = header;
  return {
    // The folder may have been renamed: the set goes by the name that it is found by.
    name: basename(resolve(folder)),
    train,
    test,
    official: false,
    digest: headerDigest(header),
    normalisation,
    ...(groups === undefined ? {} : { groups }),
    ...(validationFrom === undefined ? {} : { givenFrom: validationFrom }),
  };
}

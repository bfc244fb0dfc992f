import { isUtf8 } from 'node:buffer';
import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';

import papa from 'papaparse';

import { UserError } from '../../engine/errors.ts';
import { rowNumbers } from '../csvRows.ts';
import { fileProblem, systemCode } from '../fileProblem.ts';
import type { BadImages } from './badImages.ts';
import { GIVEN_PARTS, type GivenPart } from './header.ts';
import { checkClasses, type ListedImage, type Listing } from './listing.ts';
import { isWithin, realFolder } from './walk.ts';

export interface CsvListOptions {
  /** The CSV. */
  readonly csv: string;
  /** Its column with the labels; default `label`. */
  readonly label?: string | undefined;
  readonly bad: BadImages;
}

type Row = Readonly<Record<string, string>>;

/**
 * The images that a CSV lists: a header line with the columns `path` (within the folder) and `label`, and where they
 * are wanted `part` (`train`, `test` or `val`) and `group`. Comma, semicolon or tab. Images are kept in the order of the
 * lines; labels follow the order of the class names by UTF-16 code units.
 *
 * @throws {UserError} for another encoding than UTF-8; naming the row, for a path that leads out of the folder or is listed twice, another part, an
 *   empty group; for an image without a label or that is not there, unless bad images are left out; for missing
 *   columns and one class only
 */
export async function listCsv(
  folder: string,
  { csv, label = 'label', bad }: CsvListOptions,
): Promise<Listing> {
  const root = await realFolder(folder);
  const rows = await readRows(csv, label);
  const images: ListedImage[] = [];
  const places = new Map<string, string>();
  for (const { row, number } of rows) {
    const place = `${csv}, row ${number}`;
    const file = row['path']!.trim();
    const path = await locate(root, file, place);
    const value = row[label]!.trim();
    if (path === undefined) bad.leaveOut(file, `${place} lists it; found no such file in ${root}`);
    else if (value === '') bad.leaveOut(file, `${place} gives no ${label}: expected the name of a class`);
    else {
      const first = places.get(path);
      if (first !== undefined) {
        throw new UserError(
          `${place} lists ${file} again: expected each image once; it is in ${first}. Remove one.`,
        );
      }
      places.set(path, place);
      images.push({ file, path, label: value, ...partAndGroup(row, place) });
    }
  }
  const classes = [...new Set(images.map((image) => image.label))].sort();
  checkClasses(classes, csv);
  return { source: 'csv', label, images, classes, ignored: [] };
}

interface NumberedRow {
  readonly row: Row;
  readonly number: number;
}

async function readRows(csv: string, label: string): Promise<NumberedRow[]> {
  const content = await readFile(csv).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw fileProblem(error, csv);
    throw new UserError(`There is no file ${csv}. Name a CSV with the columns path and ${label}.`, {
      cause: error,
    });
  });
  // Read as UTF-8 all the same, names that differ in such a letter alone would be one class.
  if (!isUtf8(content)) {
    throw new UserError(
      `${csv} is no text in UTF-8: found other bytes. Save it again, as "CSV UTF-8" for instance.`,
    );
  }
  const text = content.toString('utf8').replace(/^\uFEFF/, '');
  const { data, errors, meta } = papa.parse<Row>(text, {
    header: true,
    skipEmptyLines: true,
    delimitersToGuess: [',', ';', '\t'],
    transformHeader: (name) => name.trim(),
  });
  const columns = meta.fields ?? [];
  for (const name of ['path', label]) {
    if (columns.includes(name)) continue;
    throw new UserError(
      `${csv} has no column '${name}': expected path and ${label}, and part and group where wanted; ` +
        `found ${columns.length === 0 ? 'nothing' : columns.join(', ')}. The column of the labels is named by --label.`,
    );
  }
  // That it has one column only, so no delimiter, has been said better above.
  const wrong = errors.find((error) => error.type !== 'Delimiter');
  // The first is the header's.
  const [, ...numbers] = rowNumbers(text, meta.delimiter);
  if (wrong !== undefined) {
    const { type, row = 0, message } = wrong;
    // Quotes are looked at before empty rows are left out.
    const number = type === 'Quotes' ? row + 1 : numbers[row];
    throw new UserError(`${csv}, row ${number} cannot be read: ${message}.`);
  }
  return data.map((row, i) => ({ row, number: numbers[i]! }));
}

/**
 * The real path of an image; `undefined` where there is none.
 *
 * @throws {UserError} where it leads out of the folder
 */
async function locate(root: string, file: string, place: string): Promise<string | undefined> {
  const refuse = (): UserError =>
    new UserError(
      `${place} names '${file}', which is not in ${root}: expected paths within the folder of the images. ` +
        'Name the folder that holds all of them.',
    );
  if (file === '' || isAbsolute(file) || !isWithin(root, normalize(join(root, file)))) throw refuse();
  let path: string;
  try {
    path = await realpath(join(root, file));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
    throw fileProblem(error, join(root, file));
  }
  if (!isWithin(root, path)) throw refuse();
  return path;
}

function partAndGroup(row: Row, place: string): Pick<ListedImage, 'part' | 'group'> {
  const part = row['part']?.trim();
  if (part !== undefined && !(GIVEN_PARTS as readonly string[]).includes(part)) {
    throw new UserError(`${place} has the part '${part}': expected ${GIVEN_PARTS.join(' or ')}.`);
  }
  const group = row['group']?.trim();
  if (group === '')
    throw new UserError(`${place} has no group: expected one in every row, or no such column.`);
  return { part: part as GivenPart | undefined, group };
}

import { hash } from 'node:crypto';
import { join } from 'node:path';

import { counted } from '../../engine/counted.ts';
import { UsageError, UserError } from '../../engine/errors.ts';
import type { Progress } from '../../engine/progress.ts';
import { fileProblem } from '../fileProblem.ts';
import { emptyFolder, HEADER, type Part, writeHeader, writePart } from '../flat/index.ts';
import { dataFolder } from '../folders.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { countValues, histogramStatistics } from '../statistics.ts';
import { claimWorkFolder } from '../workFolder.ts';
import { badImages, type BadImages } from './badImages.ts';
import { listClassFolders } from './classFolders.ts';
import { listCsv } from './csvList.ts';
import { type DecodedImage, decoderVersions } from './decodeImage.ts';
import { decodeInOrder } from './decodeInOrder.ts';
import { divide, type Divided, type DivideOptions } from './divide.ts';
import type { Fit, PixelSize } from './fit.ts';
import { groupByName } from './groups.ts';
import { type ImportedHeader, parseHeader } from './header.ts';
import type { ListedImage, Listing } from './listing.ts';
import { checkName, checkTarget, moveIntoPlace } from './target.ts';
import { listUtkFace } from './utkFace.ts';

/** How many file names of ignored files and of duplicates a header lists. */
const LISTED = 20;

/** The largest side that images are resized to. */
const MAX_SIDE = 4096;

/** Where the classes of the images are. */
export type ImageSource =
  /** One folder per class, see {@link listClassFolders}. */
  | { readonly kind: 'class-folders' }
  /** In a CSV, see {@link listCsv}. */
  | { readonly kind: 'csv'; readonly csv: string; readonly label?: string | undefined }
  /** In UTKFace's file names, see {@link listUtkFace}. */
  | { readonly kind: 'utkface'; readonly label?: string | undefined };

export interface ImportOptions extends DivideOptions {
  /** The name of the set: the folder below `dir`. */
  readonly name: string;
  /** The folder with the images. */
  readonly folder: string;
  /** The data folder; default {@link dataFolder}. */
  readonly dir?: string | undefined;
  /** What tables and figures call the set; default its name. */
  readonly title?: string | undefined;
  /** Default one folder per class. */
  readonly source?: ImageSource | undefined;
  /** What all images are resized to; default: their own, which then has to be the same for all. */
  readonly size?: PixelSize | undefined;
  /** For images of another shape than `size`; default `cover`. */
  readonly fit?: Fit | undefined;
  /** One channel instead of three; default `false`. */
  readonly grey?: boolean | undefined;
  /** Regular expression with one group on file names: images with the same value stay in the same part. */
  readonly group?: string | undefined;
  /** Leaves out and records images that cannot be used, instead of refusing all; default `false`. */
  readonly skipBad?: boolean | undefined;
  /** Replaces an imported set of the same name; default `false`. */
  readonly force?: boolean | undefined;
  /** Whose names are taken; default: the project's. */
  readonly manifest?: Manifest | undefined;
  readonly progress?: Progress | undefined;
  /** Stops the import; nothing is left of it. */
  readonly signal?: AbortSignal | undefined;
}

export interface ImportResult {
  /** Where the set is. */
  readonly folder: string;
  readonly header: ImportedHeader;
}

/**
 * Decodes a folder of images once and for all into `<dir>/<name>`: flat uint8 files of pixels and labels for both
 * parts, and a header that says what they are. The same images and options give the same bytes. Nothing stands there
 * before all is complete; memory does not grow with the number of pixels.
 *
 * @throws {UserError} for whatever is wrong with the images, naming file, found and expected; a full disk; a place
 *   that is not free
 * @throws {UsageError} for an option that is out of range
 * @throws the signal's reason when aborted
 */
export async function importImages(options: ImportOptions): Promise<ImportResult> {
  const { name, force = false, signal } = options;
  checkOptions(options);
  checkName(name, options.manifest ?? readManifest());
  const dir = options.dir ?? dataFolder();
  const folder = join(dir, name);
  try {
    await checkTarget(folder, { force });
    const bad = badImages({ skip: options.skipBad ?? false });
    const listing = await list(options, bad);
    const images = options.group === undefined ? listing.images : groupByName(listing.images, options.group);
    const divided = divide(images, listing.classes, options);
    signal?.throwIfAborted();
    const work = await claimWorkFolder(dir, name);
    try {
      const set = join(work.path, 'set');
      await emptyFolder(work.path);
      await emptyFolder(set);
      const header = await writeSet(set, { listing, divided, bad, options });
      return { folder, header: await moveIntoPlace(set, header, { target: folder, force }) };
    } finally {
      await work.release(true);
    }
  } catch (error) {
    throw fileProblem(error, dir);
  }
}

function checkOptions({ size }: ImportOptions): void {
  for (const side of size === undefined ? [] : [size.width, size.height]) {
    if (Number.isInteger(side) && side >= 1 && side <= MAX_SIDE) continue;
    throw new UsageError(
      `Images cannot be resized to ${size!.width}x${size!.height}: expected whole numbers from 1 to ${MAX_SIDE}.`,
    );
  }
}

function list(
  { folder, source = { kind: 'class-folders' } }: ImportOptions,
  bad: BadImages,
): Promise<Listing> {
  if (source.kind === 'csv') return listCsv(folder, { csv: source.csv, label: source.label, bad });
  if (source.kind === 'utkface') return listUtkFace(folder, { label: source.label, bad });
  return listClassFolders(folder, { bad });
}

interface Job {
  readonly listing: Listing;
  readonly divided: Divided;
  readonly bad: BadImages;
  readonly options: ImportOptions;
}

/** Writes the flat files and the header of a set into a folder. */
async function writeSet(folder: string, { listing, divided, bad, options }: Job): Promise<ImportedHeader> {
  const { name, size, fit = 'cover', grey = false, signal, progress } = options;
  const { classes } = listing;
  const total = divided.train.length + divided.val.length + divided.test.length;
  let done = 0;
  let first: { listed: ListedImage; decoded: DecodedImage } | undefined;
  const decoded = async function* (images: readonly ListedImage[]) {
    for await (const image of decodeInOrder(images, { size, fit, grey, bad, signal })) {
      done++;
      const note = bad.skipped.length === 0 ? {} : { note: `${bad.skipped.length} left out` };
      progress?.({ label: `${name} · import`, done, total, unit: 'steps', ...note });
      if (image.decoded === undefined) continue;
      const whole = { listed: image.listed, decoded: image.decoded };
      first ??= whole;
      checkSameSize(first, whole);
      yield whole;
    }
  };

  const histogram = new Float64Array((grey ? 1 : 3) * 256);
  const trained = new Map<string, string>();
  const duplicates: { train: string; test: string }[] = [];
  const labelOf = new Map(classes.map((label, i) => [label, i]));
  const groups = groupNumbers([...divided.train, ...divided.val]);
  const toWrite = async function* (
    images: readonly ListedImage[],
    onImage: (listed: ListedImage, decoded: DecodedImage) => void,
  ) {
    for await (const { listed, decoded: image } of decoded(images)) {
      onImage(listed, image);
      const group = groups?.get(listed.group);
      yield {
        images: image.pixels,
        labels: Uint8Array.of(labelOf.get(listed.label)!),
        groups: group === undefined ? undefined : Uint32Array.of(group),
      };
    }
  };
  let validationFrom = 0;
  const trainedPerClass = classes.map(() => 0);
  const onTrained = (listed: ListedImage, { pixels, channels }: DecodedImage): void => {
    trained.set(hash('sha256', pixels, 'base64'), listed.file);
    if (listed.part === 'val') return;
    validationFrom++;
    trainedPerClass[labelOf.get(listed.label)!]!++;
    countValues(histogram, { images: pixels, channels });
  };
  const train = await writePart(toWrite([...divided.train, ...divided.val], onTrained), {
    ...{ folder, part: 'train', classes: classes.length },
    grouped: groups !== undefined,
  });
  checkNotEmpty(trainedPerClass, 'train', classes);
  if (divided.val.length > 0 && validationFrom === train.n) {
    throw new UserError(
      `None of the ${counted(divided.val.length, 'image')} of the val part decodes: expected at least one. Add images, or remove the ` +
        'part: the images for validation are then drawn.',
    );
  }
  const onTested = ({ file }: ListedImage, { pixels }: DecodedImage): void => {
    const same = trained.get(hash('sha256', pixels, 'base64'));
    if (same !== undefined) duplicates.push({ train: same, test: file });
  };
  const test = await writePart(toWrite(divided.test, onTested), {
    ...{ folder, part: 'test', classes: classes.length },
  });
  checkNotEmpty(test.perClass, 'test', classes);

  const { width, height, channels } = first!.decoded;
  const normalisation = histogramStatistics(histogram);
  const flat = normalisation.std.indexOf(0);
  if (flat >= 0) {
    throw new UserError(
      `All training pixels have the value ${normalisation.mean[flat]} in channel ${flat}: expected images that differ.`,
    );
  }
  const group =
    options.group ?? (divided.train.some((image) => image.group !== undefined) ? 'group' : undefined);
  const header: ImportedHeader = {
    schemaVersion: 1,
    kind: 'imported-images',
    name,
    title: options.title ?? name,
    classes: [...classes],
    image: { width, height, channels },
    normalisation: { mean: [...normalisation.mean], std: [...normalisation.std] },
    ...(validationFrom === train.n ? {} : { validationFrom }),
    train,
    test,
    imported: {
      source: listing.source,
      ...(listing.label === undefined ? {} : { label: listing.label }),
      size: size === undefined ? 'own' : { width: size.width, height: size.height },
      fit,
      grey,
      ...(group === undefined ? {} : { group }),
      split: divided.split,
      skipped: [...bad.skipped],
      ignored: { n: listing.ignored.length, first: listing.ignored.slice(0, LISTED) },
      duplicates: { n: duplicates.length, first: duplicates.slice(0, LISTED) },
      decoder: await decoderVersions(),
    },
  };
  await writeHeader(folder, parseHeader(header, join(folder, HEADER)));
  return header;
}

/** A number for each group, from 0 on, in the order in which they come; `undefined` where there are none. */
function groupNumbers(images: readonly ListedImage[]): Map<string | undefined, number> | undefined {
  if (!images.some(({ group }) => group !== undefined)) return undefined;
  const names = new Set(images.map(({ group }) => group));
  return new Map([...names].map((name, i) => [name, i]));
}

function checkNotEmpty(perClass: readonly number[], part: Part, classes: readonly string[]): void {
  const empty = perClass.indexOf(0);
  if (empty < 0) return;
  throw new UserError(
    `No image of the class '${classes[empty]}' in the ${part} part decodes: expected at least one. Add images, ` +
      'or remove the class.',
  );
}

function checkSameSize(
  first: { listed: ListedImage; decoded: DecodedImage },
  { listed, decoded }: { listed: ListedImage; decoded: DecodedImage },
): void {
  if (decoded.width === first.decoded.width && decoded.height === first.decoded.height) return;
  throw new UserError(
    `${listed.file} has ${decoded.width}x${decoded.height} pixels, ${first.listed.file} ` +
      `${first.decoded.width}x${first.decoded.height}: expected one size for all. Have them resized with --size.`,
  );
}

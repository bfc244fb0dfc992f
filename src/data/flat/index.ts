/** Sets of images as flat files of bytes with a header: what imports and decoded official files are kept as. */
export {
  agree,
  checkHeader,
  count,
  flatFields,
  flatFilesOf,
  type FlatHeader,
  type FlatPart,
  HEADER,
  MAX_CLASSES,
  type Part,
  PARTS,
  readHeaderFile,
  sha256,
} from './header.ts';
export { emptyFolder, placeNew, placeOver, writeHeader } from './place.ts';
export { type FlatSet, readFlat, type ReadFlatOptions } from './readFlat.ts';
export { type ImagesToWrite, writePart } from './writePart.ts';

export { BadImageError, decodeImage, type DecodedImage, type DecodeImageOptions } from './decodeImage.ts';
export { type Fit, type PixelSize } from './fit.ts';
export { type ImportedHeader } from './header.ts';
export { importImages, type ImageSource, type ImportOptions, type ImportResult } from './importImages.ts';
export { type ImportedListing, listImported } from './listImported.ts';
export { readImported, type ReadImportedOptions } from './readImported.ts';
export { writeClassFolders } from './writeClassFolders.ts';

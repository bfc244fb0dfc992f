export { type Augmentation, checkAugmentation, drawPlacement, type Placement } from './augmentation.ts';
export { type Jitter } from './jitter.ts';
export { requireDivisor, requireSampler, type Sampler } from './samplers.ts';
export { batchImages } from './batchImages.ts';
export { epochBatches, type EpochOptions, sequentialBatches, type SequenceOptions } from './batches.ts';
export { type DatasetDescription, describeDataset, type LoadOptions } from './describe.ts';
export { encodePng, pngReader } from './encodePng.ts';
export { fetchDataset, type FetchResult } from './fetch.ts';
export { dataFolder } from './folders.ts';
export { projectRoot } from './projectRoot.ts';
export {
  BadImageError,
  decodeImage,
  type DecodedImage,
  type DecodeImageOptions,
  type ImportedHeader,
  type ImportedListing,
  importImages,
  type ImportOptions,
  type ImportResult,
  listImported,
  readImported,
  type ReadImportedOptions,
  writeClassFolders,
} from './imported/index.ts';
export { datasetDigest, loadDataset, type LoadDatasetOptions } from './load.ts';
export { type DatasetEntry, findDataset, type Manifest, parseManifest, readManifest } from './manifest.ts';
export { type Batch, type BatchChanges } from './makeBatch.ts';
export { type Split, splitValidation, type SplitOptions, stratifiedSample, subset } from './splits.ts';
export { channelStatistics, classCounts } from './statistics.ts';
export {
  formatImageList,
  type ImageList,
  listImages,
  parseImageList,
  takePart,
  type TakePartOptions,
} from './parts/index.ts';
export { imageBlocks, type ImageReader, imageReader, pixelsInMemory } from './pixels.ts';
export type { Dataset, HoldOut, ImageSet, MemoryImageSet, Normalisation, PixelFile } from './types.ts';
export { type BatchThreads, batchThreads, usualBatchWorkers } from './threads/batchThreads.ts';
export type { FetchOptions, SourceKind } from './sources/types.ts';
export {
  type Check,
  type DatasetListing,
  listDatasets,
  verifyDataset,
  type VerifyOptions,
  type VerifyResult,
} from './verify.ts';

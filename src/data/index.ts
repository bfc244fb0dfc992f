export { type LoadOptions, loadDataset } from './load.ts';
export { dataFolder, projectRoot } from './folders.ts';
export { type DatasetEntry, findDataset, type Manifest, parseManifest, readManifest } from './manifest.ts';
export { channelStatistics, classCounts } from './statistics.ts';
export type { Dataset, ImageSet, Normalisation } from './types.ts';

import { describeDataset, listDatasets, loadDataset, type ImageSet } from '../data/index.ts';

/** What is known of a set of images without its pixels. */
export type SetSizes = Pick<ImageSet, 'n' | 'height' | 'width' | 'channels'> & {
  readonly classes: { readonly length: number };
};

/** Sizes of both parts of a data set. */
export interface DatasetSizes {
  readonly train: SetSizes;
  readonly test: SetSizes;
}

/**
 * Sizes of a data set, from its files' sizes where they say it; of one that is not on disk, the published ones.
 *
 * @throws {UserError} where there is no such set, with the nearest name
 */
export async function datasetSizes(name: string, dir?: string): Promise<DatasetSizes> {
  const where = dir === undefined ? {} : { dir };
  const { image, classes } = await describeDataset(name, where);
  const listed = (await listDatasets(where)).find((set) => set.name === name);
  const { train, test } = listed?.n ?? {};
  if (train === undefined || test === undefined) return await loadDataset(name, where);
  return { train: { ...image, n: train, classes }, test: { ...image, n: test, classes } };
}

import { sha256 } from './checksum.ts';
import type { FlatHeader, Part } from './flat/index.ts';

/** SHA-256 of what a part holds. */
export type PartHashes = Readonly<Record<'images' | 'labels', string>> & {
  readonly groups?: string | undefined;
};

/** What makes a data set this one, whatever it is called and wherever it lies. */
export interface Content extends Pick<FlatHeader, 'classes' | 'image'>, Readonly<Record<Part, PartHashes>> {
  /** Where the images begin that were given to be held out. */
  readonly validationFrom?: number | undefined;
}

/** One SHA-256 for the images of both parts in their order, their labels, groups and classes. */
export function contentDigest({ classes, image, train, test, validationFrom = 0 }: Content): string {
  const parts = [train, test].map(({ images, labels, groups = '' }) => [images, labels, groups]);
  const { height, width, channels } = image;
  return sha256(Buffer.from(JSON.stringify([classes, height, width, channels, validationFrom, ...parts])));
}

/** The digest of a set of flat files, by what its header says of them. */
export function headerDigest(header: FlatHeader & Pick<Content, 'validationFrom'>): string {
  const hashes = ({ images, labels, groups }: FlatHeader[Part]): PartHashes => ({
    images: images.sha256,
    labels: labels.sha256,
    groups: groups?.sha256,
  });
  return contentDigest({ ...header, train: hashes(header.train), test: hashes(header.test) });
}

import { join } from 'node:path';

import { createFlatFile, type FlatFile } from './flatFile.ts';
import { type Content, flatFileName, type FlatPart, type Part } from './header.ts';

/** Some images of a part, one after the other. */
export interface ImagesToWrite {
  /** `[k, height, width, channels]` */
  readonly images: Uint8Array;
  /** `[k]` */
  readonly labels: Uint8Array;
  /** `[k]`; for all images of a part or for none. */
  readonly groups?: Uint32Array | undefined;
}

/**
 * Writes the flat files of one part as its images come.
 *
 * @param folder where there are none of this part
 * @returns what the header says of the part; there may be none of a class
 */
export async function writePart(
  blocks: AsyncIterable<ImagesToWrite>,
  {
    folder,
    part,
    classes,
    grouped = false,
  }: { folder: string; part: Part; classes: number; grouped?: boolean },
): Promise<FlatPart> {
  const perClass = new Array<number>(classes).fill(0);
  const files: FlatFile[] = [];
  const create = async (content: Content): Promise<FlatFile> => {
    const file = await createFlatFile(join(folder, flatFileName(part, content)));
    files.push(file);
    return file;
  };
  try {
    const pixelFile = await create('images');
    const labelFile = await create('labels');
    const groupFile = grouped ? await create('groups') : undefined;
    for await (const { images, labels, groups } of blocks) {
      for (const label of labels) perClass[label]!++;
      await pixelFile.append(images);
      await labelFile.append(labels);
      if (groups !== undefined) await groupFile?.append(littleEndian(groups));
    }
    return {
      n: perClass.reduce((sum, n) => sum + n, 0),
      perClass,
      images: await pixelFile.finish(),
      labels: await labelFile.finish(),
      ...(groupFile === undefined ? {} : { groups: await groupFile.finish() }),
    };
  } finally {
    for (const file of files) await file.close();
  }
}

function littleEndian(values: Uint32Array): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

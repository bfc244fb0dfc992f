import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';

import { importImages, loadDataset, pixelsInMemory, writeClassFolders } from '../../../src/data/index.ts';
import { picture, SIZE } from './support.ts';

const root = await mkdtemp(join(tmpdir(), 'msl-class-folders-'));
after(() => rm(root, { recursive: true }));

test('a class whose name leads out of the folder, or is none of a folder, is refused before anything is written', async () => {
  const set = {
    ...{ n: 2, height: 1, width: 1, channels: 3 },
    images: new Uint8Array(6),
    labels: Uint8Array.of(0, 1),
  };
  for (const name of ['../out', 'n/a', '..', '', 'a\\b']) {
    const folder = join(root, 'refused', 'inner');
    await assert.rejects(
      writeClassFolders({ ...set, classes: ['cat', name] }, { folder, indices: [0, 1] }),
      /The class '.*' cannot be the name of a folder/,
    );
    assert.ok(!existsSync(join(root, 'refused')), name);
  }
});

test('images written into folders of classes are imported as they were', async () => {
  const n = 12;
  const set = {
    images: Uint8Array.from(Array.from({ length: n }, (_, i) => [...picture(i)]).flat()),
    labels: Uint8Array.from({ length: n }, (_, i) => i % 3),
    classes: ['cat', 'dog', 'ship'],
    ...{ n, ...SIZE, channels: 3 as const },
  };
  // Of two classes only.
  const indices = [...set.labels.keys()].filter((i) => set.labels[i] !== 1);
  const folder = join(root, 'photographs');
  const files = await writeClassFolders(set, { folder, indices });
  assert.deepEqual(
    files.slice(0, 3).map((file) => relative(folder, file)),
    [join('cat', '00000.png'), join('ship', '00002.png'), join('cat', '00003.png')],
  );
  await importImages({ name: 'again', folder, dir: root, test: 0.5 });
  const { train, test } = await loadDataset('again', { dir: root });
  assert.deepEqual(train.classes, ['cat', 'ship']);
  const size = SIZE.width * SIZE.height * 3;
  const found = [train, test].flatMap((part) => {
    const pixels = pixelsInMemory(part);
    return Array.from(
      part.labels,
      (label, i) => `${label} ${pixels.subarray(i * size, (i + 1) * size).join()}`,
    );
  });
  const wanted = indices.map((i) => `${set.labels[i] === 0 ? 0 : 1} ${picture(i).join()}`);
  assert.deepEqual(found.sort(), wanted.sort());
});

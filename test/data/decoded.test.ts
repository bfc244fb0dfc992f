import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, open, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  batchThreads,
  epochBatches,
  loadDataset,
  type Dataset,
  type ImageSet,
} from '../../src/data/index.ts';
import { pixelsInMemory } from '../../src/data/pixels.ts';
import { verifyDataset } from '../../src/data/verify.ts';
import { createStream } from '../../src/engine/random.ts';
import { makeSynthetic, type Synthetic, temporaryFolder, writeFiles } from './synthetic.ts';

interface Prepared extends Synthetic {
  readonly dir: string;
  /** The official files. */
  readonly folder: string;
  /** Where the decoded form is kept. */
  readonly cache: string;
  readonly load: () => Promise<Dataset>;
}

async function prepare(t: TestContext, records = 6): Promise<Prepared> {
  const dir = await temporaryFolder(t);
  const synthetic = await makeSynthetic(await temporaryFolder(t), { records });
  const folder = join(dir, 'tiny');
  await writeFiles(synthetic, folder);
  const load = () => loadDataset('tiny', { dir, manifest: synthetic.manifest });
  return { ...synthetic, dir, folder, cache: join(dir, '.decoded', 'tiny'), load };
}

/** Everything of a set that has to be the same, wherever its pixels are. */
function contentOf({ train, test, ...rest }: Dataset) {
  const part = (set: ImageSet) => ({
    ...set,
    images: Buffer.from(pixelsInMemory(set)),
    labels: [...set.labels],
  });
  return { ...rest, train: part(train), test: part(test) };
}

async function fromMemory({ dir, manifest }: Prepared) {
  return contentOf(await loadDataset('tiny', { dir, manifest, decoded: 'none' }));
}

/** Whether the decoded form was made anew. */
async function isMadeAnew({ cache }: Prepared, work: () => Promise<unknown>): Promise<boolean> {
  const file = join(cache, 'train.images.u8');
  const identity = async (): Promise<number> => {
    const handle = await open(file);
    const { ino } = await handle.stat();
    await handle.close();
    return ino;
  };
  const before = await identity();
  // Keeps the old file's number taken.
  const held = await open(file);
  await work();
  await held.close();
  return before !== (await identity());
}

describe('the decoded form of official files', () => {
  it('is made once, and has the same pixels and labels', async (t) => {
    const prepared = await prepare(t);
    const { load, cache, dir } = prepared;
    const first = await load();
    assert.ok(!(first.train.images instanceof Uint8Array));
    assert.deepEqual(contentOf(first), await fromMemory(prepared));
    assert.deepEqual((await readdir(cache)).sort(), [
      'dataset.json',
      'test.images.u8',
      'test.labels.u8',
      'train.images.u8',
      'train.labels.u8',
    ]);
    assert.deepEqual((await readdir(dir)).sort(), ['.decoded', 'tiny'], 'nothing unfinished is left');
    assert.equal(await isMadeAnew(prepared, load), false);
  });

  const damages: Readonly<Record<string, (prepared: Prepared) => Promise<unknown>>> = {
    'a flipped bit of a pixel': ({ cache }) => flip(join(cache, 'train.images.u8'), 100),
    'a flipped bit of a label': ({ cache }) => flip(join(cache, 'test.labels.u8'), 3),
    'a cut file': ({ cache }) => truncate(join(cache, 'train.images.u8'), 17),
    'a file that is longer': ({ cache }) => writeFile(join(cache, 'test.images.u8'), 'more', { flag: 'a' }),
    'a missing file': ({ cache }) => rm(join(cache, 'test.images.u8')),
    'a cut header': ({ cache }) => truncate(join(cache, 'dataset.json'), 300),
    'a header of something else': ({ cache }) => writeFile(join(cache, 'dataset.json'), '{"name":"mine"}'),
    'an official file that was touched': ({ folder }) => utimes(join(folder, 'test.bin'), 1, 1),
    'another official file': ({ folder, files }) =>
      writeFile(join(folder, 'batch_1.bin'), files.get('batch_1.bin')!.subarray(0, 3 * 61)),
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`is made anew after ${what}`, async (t) => {
      const prepared = await prepare(t);
      await prepared.load();
      await damage(prepared);
      const again = await prepared.load();
      assert.deepEqual(contentOf(again), await fromMemory(prepared));
      assert.equal(await isMadeAnew(prepared, prepared.load), false);
    });
  }

  it('is made anew, and checked, by verify', async (t) => {
    const prepared = await prepare(t);
    const { dir, manifest, cache } = prepared;
    await prepared.load();
    assert.ok(await isMadeAnew(prepared, () => verifyDataset('tiny', { dir, manifest })));
    // A wrong pixel with the right checksum: whoever writes this lies, and verify does not believe it.
    await flip(join(cache, 'train.images.u8'), 100);
    assert.ok((await verifyDataset('tiny', { dir, manifest })).ok);
  });

  it('is left out where the folder is not to be written, and where it cannot be', async (t) => {
    const prepared = await prepare(t);
    const { dir, load } = prepared;
    await chmod(dir, 0o555);
    const unwritten = await load();
    assert.ok(unwritten.train.images instanceof Uint8Array);
    assert.deepEqual(contentOf(unwritten), await fromMemory(prepared));
    await chmod(dir, 0o755);
    await writeFile(join(dir, '.decoded'), 'in the way');
    assert.ok((await load()).train.images instanceof Uint8Array);
    await rm(join(dir, '.decoded'));
    assert.ok(!((await load()).train.images instanceof Uint8Array));
  });

  it(
    'is left out where another user may not write',
    { skip: process.geteuid?.() !== 0 && 'needs root' },
    async (t) => {
      const prepared = await prepare(t);
      process.seteuid?.(65534);
      try {
        await assert.rejects(open(join(prepared.dir, 'x'), 'w'), { code: 'EACCES' });
        await assert.rejects(prepared.load(), {
          name: 'UserError',
          message: /batch_1\.bin .*permission denied/,
        });
      } finally {
        process.seteuid?.(0);
      }
      await chmod(prepared.dir, 0o755);
      process.seteuid?.(65534);
      try {
        assert.ok((await prepared.load()).train.images instanceof Uint8Array);
      } finally {
        process.seteuid?.(0);
      }
    },
  );

  it('is left out where the disk is full, and nothing is left of it', async (t) => {
    const prepared = await prepare(t);
    const handle = await open(join(prepared.folder, 'test.bin'));
    const prototype = Object.getPrototypeOf(handle) as { write: () => Promise<unknown> };
    await handle.close();
    const full = t.mock.method(prototype, 'write', () =>
      Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })),
    );
    const loaded = await prepared.load();
    assert.ok(full.mock.callCount() > 0);
    assert.deepEqual(contentOf(loaded), await fromMemory(prepared));
    assert.deepEqual(await readdir(prepared.dir), ['tiny']);
  });

  it('is whole when two make it at once', async (t) => {
    const prepared = await prepare(t, 400);
    const sets = await Promise.all([prepared.load(), prepared.load(), prepared.load()]);
    const expected = await fromMemory(prepared);
    for (const set of sets) assert.deepEqual(contentOf(set), expected);
    assert.deepEqual((await readdir(prepared.dir)).sort(), ['.decoded', 'tiny']);
  });

  it('is not half there when its making is killed', async (t) => {
    const prepared = await prepare(t, 400);
    const manifest = join(prepared.dir, 'manifest.json');
    await writeFile(manifest, JSON.stringify(prepared.manifest));
    await loadAndKill(prepared.dir, manifest);
    assert.ok(!existsSync(prepared.cache));
    assert.deepEqual(contentOf(await prepared.load()), await fromMemory(prepared));
    assert.ok(!existsSync(join(prepared.dir, '.partial')), 'what the killed one left is cleared away');
  });

  it('refuses damaged official files as ever, and keeps nothing of them', async (t) => {
    const { dir, folder, files, load } = await prepare(t);
    await writeFile(join(folder, 'test.bin'), files.get('test.bin')!.subarray(0, 100));
    await assert.rejects(load(), /test\.bin is damaged or truncated/);
    assert.deepEqual(await readdir(dir), ['tiny']);
  });

  it('reports what is decoded and stops when aborted', async (t) => {
    const { dir, manifest } = await prepare(t);
    const reports: string[] = [];
    const controller = new AbortController();
    const options = { dir, manifest, signal: controller.signal };
    await loadDataset('tiny', {
      ...options,
      progress: ({ label, done, total, note }) => reports.push(`${label} ${note} ${done}/${total}`),
    });
    assert.ok(reports.some((report) => report.startsWith('tiny · checksums')));
    const decoding = reports.filter((report) => report.startsWith('tiny · decode'));
    assert.deepEqual(decoding, [
      'tiny · decode train 6/12',
      'tiny · decode train 12/12',
      'tiny · decode test 6/6',
    ]);
    controller.abort(new Error('enough'));
    for (const decoded of ['renew', 'none'] as const) {
      await assert.rejects(loadDataset('tiny', { ...options, decoded }), /enough/);
    }
  });
});

describe('batches of pixels in a file', () => {
  it('are those of pixels in memory, to the bit, whoever makes them', async (t) => {
    const prepared = await prepare(t, 40);
    const { train, normalisation } = await prepared.load();
    const inMemory = { ...train, images: pixelsInMemory(train) };
    const options = (set: ImageSet) => ({
      set,
      batchSize: 7,
      stream: createStream(1, 'shuffle', 1),
      normalisation,
      augmentation: { crop: 2, flip: true },
      augmentStream: [1, 'augment', 1] as const,
      dropLast: false,
    });
    const expected = [...epochBatches(options(inMemory))];
    assert.deepEqual([...epochBatches(options(train))], expected);
    const threads = batchThreads({ workers: 2 });
    try {
      const made = [];
      for await (const batch of threads.epoch(options(train))) made.push(batch);
      assert.deepEqual(made, expected);
    } finally {
      await threads.close();
    }
  });

  it('are made although the file is replaced or removed meanwhile, and not of one that is cut', async (t) => {
    const prepared = await prepare(t);
    const { dir, manifest, cache, load } = prepared;
    const { train, test } = await load();
    const expected = contentOf(await load());
    await verifyDataset('tiny', { dir, manifest });
    await rm(cache, { recursive: true });
    assert.deepEqual(pixelsInMemory(train), new Uint8Array(expected.train.images));
    assert.deepEqual(pixelsInMemory(test), new Uint8Array(expected.test.images));
    const again = await load();
    await truncate(join(cache, 'train.images.u8'), 100);
    const message = /train\.images\.u8 was cut while it was in use/;
    assert.throws(() => pixelsInMemory(again.train), { name: 'UserError', message });
  });
});

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at]! ^= 1;
  await writeFile(file, bytes);
}

/** Decodes in a process of its own, which is killed after the first block. */
async function loadAndKill(dir: string, manifest: string): Promise<void> {
  const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    import { readFileSync } from 'node:fs';
    import { loadDataset } from ${at('../../src/data/load.ts')};
    import { parseManifest } from ${at('../../src/data/manifest.ts')};
    const [, dir, manifest] = process.argv;
    await loadDataset('tiny', {
      dir,
      manifest: parseManifest(JSON.parse(readFileSync(manifest, 'utf8'))),
      progress: () => process.kill(process.pid, 'SIGKILL'),
    });`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script, dir, manifest],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const signal = await new Promise((resolve) =>
    child.once('close', (_code, by) => {
      resolve(by);
    }),
  );
  assert.equal(signal, 'SIGKILL');
}

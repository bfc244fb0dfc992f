import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, lstat, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import { fileURLToPath } from 'node:url';

import { sha256 } from '../../../src/data/checksum.ts';
import { importImages, type ImportOptions } from '../../../src/data/imported/importImages.ts';
import { readImported } from '../../../src/data/imported/readImported.ts';
import { pixelsInMemory } from '../../../src/data/pixels.ts';
import { splitValidation } from '../../../src/data/splits.ts';
import { channelStatistics } from '../../../src/data/statistics.ts';
import { listDatasets } from '../../../src/data/verify.ts';
import { createStream } from '../../../src/engine/random.ts';
import type { ProgressReport } from '../../../src/engine/progress.ts';
import { temporaryFolder } from '../synthetic.ts';
import { fixture } from './fixtures.ts';
import { GIVEN, picture, png, userError, writeTree } from './support.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder of images, and options that import it into a data folder of its own. */
async function prepare(t: TestContext, files: Files = GIVEN): Promise<ImportOptions & { dir: string }> {
  const folder = await temporaryFolder(t);
  await writeTree(folder, files);
  return { name: 'pets', folder, dir: await temporaryFolder(t) };
}

/** All that is in a data folder, by path. */
async function contentOf(dir: string): Promise<Record<string, string>> {
  const names = await readdir(dir, { recursive: true });
  const content: Record<string, string> = {};
  for (const name of names.sort()) {
    const file = join(dir, name);
    content[name] = !(await lstat(file)).isFile() ? 'no file' : sha256(await readFile(file));
  }
  return content;
}

/** Nothing was imported, and nothing is left of the attempt. */
async function refuses(options: ImportOptions & { dir: string }, ...parts: string[]): Promise<void> {
  const before = await contentOf(options.dir);
  await assert.rejects(importImages(options), userError(...parts));
  assert.deepEqual(await contentOf(options.dir), before);
}

/**
 * Runs an import in a process of its own, which kills itself when so many images are done, or right after so many files of
 * the finished set have been renamed; or is killed soon after so many images are done.
 */
async function importAndKill(
  options: ImportOptions,
  moment: { readonly done?: number; readonly soonAfter?: number; readonly renamed?: number },
): Promise<void> {
  const module = new URL('../../../src/data/imported/importImages.ts', import.meta.url).href;
  const script = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const { moment, ...options } = JSON.parse(process.argv[1]);
    const rename = fs.rename;
    let renamed = 0;
    fs.rename = async (from, to) => {
      await rename(from, to);
      if (to.startsWith(options.dir + '/' + options.name + '/') && ++renamed === moment.renamed) process.kill(process.pid, 'SIGKILL');
    };
    syncBuiltinESMExports();
    const { importImages } = await import(${JSON.stringify(module)});
    const progress = ({ done }) => {
      if (done === moment.done) process.kill(process.pid, 'SIGKILL');
      if (done === moment.soonAfter) process.stdout.write('now');
    };
    await importImages({ ...options, progress });`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script, JSON.stringify({ ...options, moment })],
    {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  child.stdout.once('data', () => child.kill('SIGKILL'));
  await new Promise((resolve) => child.once('close', resolve));
}

describe('an import', () => {
  it('writes the pixels and labels of both parts, and a header that says what they are', async (t) => {
    const options = await prepare(t);
    const { folder, header } = await importImages(options);
    assert.equal(folder, join(options.dir, 'pets'));
    assert.deepEqual(await readdir(options.dir), ['pets'], 'nothing unfinished is left');
    assert.deepEqual(JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8')), header);
    const pixels = (numbers: readonly number[]): Buffer =>
      Buffer.concat(numbers.map((number) => picture(number)));
    const train = pixels([1, 2, 3, 4, 5, 6]);
    const expected = {
      'train.images.u8': train,
      'train.labels.u8': Buffer.from([0, 0, 0, 1, 1, 1]),
      'test.images.u8': pixels([7, 8, 9, 10]),
      'test.labels.u8': Buffer.from([0, 0, 1, 1]),
    };
    for (const [file, content] of Object.entries(expected)) {
      assert.deepEqual(await readFile(join(folder, file)), content);
    }
    const flat = (bytes: Uint8Array) => ({
      bytes: bytes.length,
      sha256: sha256(bytes),
      crc32: crc32(bytes),
    });
    assert.deepEqual(header.train, {
      n: 6,
      perClass: [3, 3],
      images: flat(train),
      labels: flat(expected['train.labels.u8']),
    });
    assert.deepEqual(header.test, {
      n: 4,
      perClass: [2, 2],
      images: flat(expected['test.images.u8']),
      labels: flat(expected['test.labels.u8']),
    });
    assert.deepEqual(
      header.normalisation,
      channelStatistics({ images: train, width: 6, height: 5, channels: 3 }),
    );
    assert.deepEqual(header.classes, ['cat', 'dog']);
    assert.deepEqual(header.image, { width: 6, height: 5, channels: 3 });
    const { decoder, ...imported } = header.imported;
    assert.match(decoder.sharp, /^\d+\.\d+/);
    assert.deepEqual(imported, {
      source: 'class-folders',
      size: 'own',
      fit: 'cover',
      grey: false,
      split: { rule: 'given' },
      skipped: [],
      ignored: { n: 0, first: [] },
      duplicates: { n: 0, first: [] },
    });
  });

  it('gives the same bytes twice, whatever wrote the folder', async (t) => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i % 2}/${i}.png`, png(i)]));
    const once = await prepare(t, files);
    const again = await prepare(t, Object.fromEntries(Object.entries(files).reverse()));
    for (const options of [once, again])
      await importImages({ ...options, size: { width: 4, height: 4 }, seed: 3 });
    assert.deepEqual(await contentOf(once.dir), await contentOf(again.dir));
    await importImages({ ...again, size: { width: 4, height: 4 }, seed: 4, force: true });
    assert.notDeepEqual(await contentOf(once.dir), await contentOf(again.dir));
  });

  it('resizes and makes grey', async (t) => {
    const options = await prepare(t);
    const { header } = await importImages({
      ...options,
      size: { width: 4, height: 2 },
      fit: 'fill',
      grey: true,
    });
    assert.deepEqual(header.image, { width: 4, height: 2, channels: 1 });
    assert.equal(header.train.images.bytes, 6 * 8);
    assert.equal(header.normalisation.mean.length, 1);
    const { size, fit, grey } = header.imported;
    assert.deepEqual({ size, fit, grey }, { size: { width: 4, height: 2 }, fit: 'fill', grey: true });
  });

  it('takes every kind of file together', async (t) => {
    const kinds = [
      'cmyk.jpg',
      '16-bit-grey.png',
      'alpha.webp',
      'orientation-6.jpg',
      'palette.png',
      'bits.png',
    ];
    const files = ['a', 'b'].flatMap((label) =>
      kinds.map((kind) => [`${label}/${kind}`, fixture(kind)] as const),
    );
    const options = await prepare(t, Object.fromEntries(files));
    const { header } = await importImages({ ...options, size: { width: 16, height: 16 } });
    assert.deepEqual([header.train.n, header.test.n], [10, 2]);
    assert.equal(header.train.images.bytes, 10 * 16 * 16 * 3);
  });

  it('from a CSV, with groups', async (t) => {
    const options = await prepare(t, {
      ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}.png`, png(i)])),
    });
    const csv = join(options.folder, 'list.csv');
    const rows = Array.from({ length: 12 }, (_, i) => `${i}.png,${i % 2 === 0 ? 'x' : 'y'},${i >> 2}`);
    await writeFile(csv, ['path,label,group', ...rows].join('\n'));
    const { header } = await importImages({ ...options, source: { kind: 'csv', csv }, test: 0.3 });
    assert.deepEqual(header.imported.split, {
      rule: 'grouped',
      test: 0.3,
      seed: 1,
      groups: { train: 2, test: 1 },
    });
    assert.deepEqual([header.train.perClass, header.test.perClass], [[4, 4], [2, 2]]); // prettier-ignore
    assert.deepEqual(
      [header.imported.source, header.imported.label, header.imported.group],
      ['csv', 'label', 'group'],
    );
  });

  it('keeps what is for validation after the other training images', async (t) => {
    const options = await prepare(t, {
      ...GIVEN,
      ...{ 'val/cat/x.png': png(20), 'val/dog/x.png': png(21), 'val/dog/y.png': png(22) },
    });
    const { folder, header } = await importImages(options);
    assert.deepEqual([header.train.n, header.validationFrom, header.train.perClass], [9, 6, [4, 5]]);
    const { train, givenFrom, groups, normalisation } = await readImported(folder);
    assert.deepEqual([train.n, givenFrom, groups], [9, 6, undefined]);
    assert.deepEqual([...train.labels], [0, 0, 0, 1, 1, 1, 0, 1, 1]);
    // The pictures for validation are no part of the normalisation.
    const images = pixelsInMemory(train).subarray(0, 6 * 90);
    assert.deepEqual(normalisation, channelStatistics({ ...train, images }));
    const listed = (await listDatasets({ dir: options.dir })).find(({ name }) => name === 'pets');
    assert.deepEqual(listed?.n, { train: 9, test: 4 });
  });

  it('keeps which images belong together', async (t) => {
    const people = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `${i % 2 === 0 ? 'cat' : 'dog'}/${Math.floor(i / 4)}_${i}.png`,
        png(i),
      ]),
    );
    const options = await prepare(t, people);
    const { folder, header } = await importImages({ ...options, group: '^(\\d+)_' });
    const { train, groups } = await readImported(folder, { checksums: true });
    assert.ok(groups?.length === 32 && train.n === 32);
    assert.equal(new Set(groups).size, 8);
    assert.equal(header.train.groups?.bytes, 4 * 32);
    const split = splitValidation(train, { validation: 8, stream: createStream(1, 'split'), groups });
    const held = new Set(Array.from(split.validation, (i) => groups[i]));
    assert.equal(split.validation.length, 8);
    assert.ok(split.train.every((i) => !held.has(groups[i])));
    // Images of one person come from one person: their pixels say who it is.
    const images = pixelsInMemory(train);
    const person = (i: number): number =>
      Array.from({ length: 40 }, (_, k) => k).find(
        (k) => Buffer.compare(images.subarray(i * 90, (i + 1) * 90), picture(k)) === 0,
      )! >> 2;
    const seen = new Map<number, number>();
    for (let i = 0; i < train.n; i++) {
      assert.equal(seen.get(groups[i]!) ?? person(i), person(i));
      seen.set(groups[i]!, person(i));
    }
  });

  it('reports every image and how many there are', async (t) => {
    const reports: ProgressReport[] = [];
    await importImages({ ...(await prepare(t)), progress: (report) => reports.push(report) });
    assert.deepEqual(
      reports.map(({ done, total }) => [done, total]),
      Array.from({ length: 10 }, (_, i) => [i + 1, 10]),
    );
  });

  it('counts test images with the pixels of a training image, in whatever file', async (t) => {
    const pixels = fixture('lossless.webp');
    const options = await prepare(t, {
      'train/a/1.png': fixture('grey.png'),
      'train/a/2.webp': pixels,
      'train/b/1.png': fixture('colour.png'),
      'test/a/1.png': fixture('palette.png'),
      'test/b/1.png': fixture('colour.png'),
      'test/b/2.webp': fixture('lossless.webp'),
    });
    const { header } = await importImages(options);
    // The lossless WebP is the picture of colour.png.
    assert.deepEqual(header.imported.duplicates, {
      n: 2,
      first: [
        { train: 'train/b/1.png', test: 'test/b/1.png' },
        { train: 'train/b/1.png', test: 'test/b/2.webp' },
      ],
    });
  });
});

describe('images that cannot be used', () => {
  const BAD: readonly (readonly [string, Uint8Array, string])[] = [
    ['empty.jpg', new Uint8Array(), 'found an empty file'],
    ['text.png', Buffer.from('no image at all'), 'does not decode'],
    ['truncated.jpg', fixture('colour.jpg').subarray(0, 700), 'does not decode'],
    [
      'picture.jpg',
      Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
      'found gif',
    ],
  ];

  for (const [name, content, found] of BAD) {
    it(`refuse the import: ${name}`, async (t) => {
      const options = await prepare(t, { ...GIVEN, [`train/dog/${name}`]: content });
      await refuses(options, `train/dog/${name}: expected`, found, '--skip-bad');
    });
  }

  it('are left out, counted and listed where that is asked for', async (t) => {
    const bad = Object.fromEntries(BAD.map(([name, content]) => [`train/dog/${name}`, content]));
    const options = await prepare(t, { ...GIVEN, ...bad });
    const reports: ProgressReport[] = [];
    const { header } = await importImages({
      ...options,
      skipBad: true,
      progress: (report) => reports.push(report),
    });
    const { skipped } = header.imported;
    assert.deepEqual(
      skipped.map(({ file }) => file),
      Object.keys(bad).sort(),
    );
    for (const [name, , found] of BAD) {
      assert.ok(skipped.find(({ file }) => file.endsWith(name))!.reason.includes(found));
    }
    assert.deepEqual(reports.at(-1)!.note, '4 left out');
    const clean = await prepare(t);
    const { header: without } = await importImages(clean);
    assert.deepEqual([header.train, header.test], [without.train, without.test]);
  });

  it('refuse the import where nothing of a class is left', async (t) => {
    const options = await prepare(t, { ...GIVEN, 'test/eel/1.png': 'x', 'train/eel/1.png': png(50) });
    await refuses({ ...options, skipBad: true }, "No image of the class 'eel' in the test part decodes");
  });

  it('refuse the import where no training image of a class is left, or none of those given for validation', async (t) => {
    const eel = { 'test/eel/1.png': png(50), 'train/eel/1.png': 'x', 'val/eel/1.png': png(51) };
    const others = { 'val/cat/x.png': png(20), 'val/dog/x.png': png(21) };
    const trained = await prepare(t, { ...GIVEN, ...eel, ...others });
    await refuses({ ...trained, skipBad: true }, "No image of the class 'eel' in the train part decodes");
    const validated = await prepare(t, { ...GIVEN, 'val/cat/x.png': 'x', 'val/dog/x.png': 'x' });
    await refuses({ ...validated, skipBad: true }, 'None of the 2 images of the val part decodes');
  });

  it('are no others: two sizes without --size are refused by name', async (t) => {
    const options = await prepare(t, { ...GIVEN, 'train/dog/wide.png': png(60, { width: 9, height: 5 }) });
    await refuses(
      { ...options, skipBad: true },
      'train/dog/wide.png has 9x5 pixels',
      'train/cat/a.png 6x5',
      '--size',
    );
  });

  it('of one colour give no deviation to divide by', async (t) => {
    const names = ['train/a/1.png', 'train/b/1.png', 'test/a/1.png', 'test/b/1.png'];
    const options = await prepare(
      t,
      Object.fromEntries(names.map((name) => [name, png(1, { width: 1, height: 1 })])),
    );
    await refuses(options, 'All training pixels have the value');
  });
});

describe('a place', () => {
  it('has to have a file name that no set of the project has', async (t) => {
    const options = await prepare(t);
    for (const name of [
      '',
      '.',
      '..',
      '.partial',
      'a/b',
      '../pets',
      '/pets',
      'a b',
      'pets.',
      'ä',
      'x'.repeat(101),
    ]) {
      await refuses({ ...options, name }, `'${name}' cannot name a data set`);
    }
    for (const name of ['cifar10', 'CIFAR10'])
      await refuses({ ...options, name }, `'${name}' names a data set of its own`);
  });

  it('that is taken is replaced on demand, and only by a whole set', async (t) => {
    const options = await prepare(t);
    const first = await importImages(options);
    await refuses(options, 'is not free for the set: found an imported set', '--force');
    const broken = await prepare(t, { ...GIVEN, 'train/cat/z.png': 'broken' });
    await refuses({ ...broken, dir: options.dir, force: true }, 'train/cat/z.png');
    const { header } = await importImages({ ...options, force: true, title: 'Other' });
    assert.deepEqual([first.header.title, header.title], ['pets', 'Other']);
    assert.deepEqual(await readdir(options.dir), ['pets']);
  });

  it('that is taken holds one of both sets, whole, at whatever moment the replacing one is killed', async (t) => {
    const options = await prepare(t);
    const { folder, header: old } = await importImages(options);
    const pictures = Object.keys(GIVEN).map((name, i) => [name, png(50 + i)] as const);
    const other = { ...(await prepare(t, Object.fromEntries(pictures))), title: 'Other' };
    const { header } = await importImages(other);
    // The four flat files come into the folder under names of their own, then the header.
    for (let renamed = 1; renamed <= 5; renamed++) {
      await importAndKill({ ...other, dir: options.dir, force: true }, { renamed });
      const { train } = await readImported(folder, { checksums: true });
      const expected = renamed < 5 ? old : header;
      assert.equal(sha256(pixelsInMemory(train)), expected.train.images.sha256, `after ${renamed}`);
    }
    await importImages({ ...options, force: true });
    assert.equal((await readdir(folder)).length, 5, 'nothing of those that were killed is left');
    assert.deepEqual(await readdir(options.dir), ['pets']);
  });

  it('that holds anything else is never replaced', async (t) => {
    const options = await prepare(t);
    const place = join(options.dir, 'pets');
    await writeFile(place, 'mine');
    await refuses({ ...options, force: true }, 'found a file or a link');
    const other = await prepare(t);
    await writeTree(other.dir, { 'pets/thesis.txt': 'mine' });
    await refuses({ ...other, force: true }, 'found other files');
    const strange = await prepare(t);
    await writeTree(strange.dir, { 'pets/dataset.json': '{"name":"of another program"}' });
    await refuses({ ...strange, force: true }, 'found a dataset.json of something else');
    const linked = await prepare(t);
    await symlink(other.dir, join(linked.dir, 'pets'));
    await refuses({ ...linked, force: true }, 'found a file or a link');
  });

  it('that is an empty folder is free', async (t) => {
    const options = await prepare(t);
    await mkdir(join(options.dir, 'pets'));
    assert.equal((await importImages(options)).header.train.n, 6);
  });
});

describe('an import that fails', () => {
  it('says that the disk is full, and leaves nothing', async (t) => {
    const options = await prepare(t);
    const handle = await open(join(options.folder, 'train/cat/a.png'));
    const prototype = Object.getPrototypeOf(handle) as { write: () => Promise<unknown> };
    await handle.close();
    const full = t.mock.method(prototype, 'write', () =>
      Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })),
    );
    await refuses(options, options.dir, 'the disk is full', 'MSL_DATA');
    assert.ok(full.mock.callCount() > 0);
    full.mock.restore();
    await importImages(options);
  });

  it(
    'says that the data folder may not be written',
    { skip: process.platform === 'win32' && 'no such users' },
    async (t) => {
      const options = await prepare(t);
      await chmod(options.dir, 0o555);
      await chmod(options.folder, 0o755);
      const root = process.geteuid?.() === 0;
      // For root every folder is writable.
      if (root) process.seteuid?.(65534);
      try {
        await refuses(options, options.dir, 'permission denied');
      } finally {
        if (root) process.seteuid?.(0);
      }
    },
  );

  it('refuses a size that is none', async (t) => {
    const options = await prepare(t);
    for (const [width, height] of [
      [0, 4],
      [4, 4097],
      [4.5, 4],
    ] as const) {
      // prettier-ignore
      await refuses({ ...options, size: { width, height } }, `cannot be resized to ${width}x${height}`, '1 to 4096');
    }
  });

  it('stops when aborted, with the reason, and leaves nothing', async (t) => {
    const options = await prepare(t);
    const controller = new AbortController();
    const stopped = importImages({
      ...options,
      signal: controller.signal,
      progress: ({ done }) => {
        if (done === 3) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(stopped, /enough/);
    assert.deepEqual(await readdir(options.dir), []);
    await assert.rejects(
      importImages({ ...options, signal: AbortSignal.abort(new Error('at once')) }),
      /at once/,
    );
    assert.deepEqual(await readdir(options.dir), []);
  });

  it('leaves nothing half there when killed, and the next one ends well', async (t) => {
    const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${i % 2}/${i}.png`, png(i)]));
    const { folder, dir, name } = await prepare(t, files);
    // The last moment is when it ends: then the set is there, whole, or not at all.
    for (const moment of [{ done: 1 }, { done: 330 }, { soonAfter: 400 }]) {
      await importAndKill({ folder, dir, name }, moment);
      const left = await readdir(dir);
      if (left.includes(name)) {
        assert.equal(moment.soonAfter, 400);
        assert.equal((await readImported(join(dir, name), { checksums: true })).train.n, 320);
      } else assert.deepEqual(left, ['.partial']);
    }
    const { header } = await importImages({ folder, dir, name, force: true });
    assert.deepEqual([header.train.n, header.test.n], [320, 80]);
    assert.deepEqual(await readdir(dir), ['pets']);
  });

  it('of two at once one wins, and its set is whole', async (t) => {
    const options = await prepare(t);
    const results = await Promise.allSettled([importImages(options), importImages(options)]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const lost = results.find((result) => result.status === 'rejected')!.reason as Error;
    assert.match(lost.message, /is not free for the set/);
    assert.deepEqual(await readdir(options.dir), ['pets']);
    assert.equal((await readdir(join(options.dir, 'pets'))).length, 5);
  });
});

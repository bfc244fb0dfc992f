import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { PNG } from 'pngjs';
import { create } from 'tar';

import { decodeRecords } from '../../src/data/formats/cifarBinary.ts';
import { dataFolder } from '../../src/data/folders.ts';
import { type DatasetEntry, type Manifest, parseManifest } from '../../src/data/manifest.ts';
import { channelStatistics, classCounts } from '../../src/data/statistics.ts';
import { createStream } from '../../src/engine/random.ts';

/** A folder of its own for a test, removed afterwards. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'msl-data-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** For `assert.rejects` and `assert.throws`: a {@link UserError} whose message has all these parts. */
export const isUserError =
  (...parts: string[]) =>
  (error: Error): boolean => {
    assert.equal(error.name, 'UserError');
    for (const part of parts) assert.ok(error.message.includes(part), `${error.message}\nlacks: ${part}`);
    return true;
  };

export const SIZE = { height: 4, width: 5, channels: 3 };
export const CLASSES = ['cat', 'dog', 'fox'];
const RECORD = 1 + 60;

export interface Synthetic {
  readonly manifest: Manifest;
  readonly entry: DatasetEntry;
  /** The official files. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The official archive. */
  readonly archive: Buffer;
  /** The npm package's tarball. */
  readonly tarball: Buffer;
}

/**
 * A set `tiny` in the two forms of CIFAR-10: an archive `tiny-bin/…` of records and an npm package of PNGs (and
 * of the records as they are), with the manifest that belongs to it. The records are written here byte by byte from random channel planes, and the PNGs
 * from the same planes, both without the library's own converters.
 */
export async function makeSynthetic(
  folder: string,
  { base = 'http://127.0.0.1:9', records = 6 }: { base?: string; records?: number } = {},
): Promise<Synthetic> {
  const stream = createStream(1, 'synthetic');
  const trainFiles = ['batch_1.bin', 'batch_2.bin'];
  const testFiles = ['test.bin'];
  const files = new Map<string, Buffer>();
  const labels = { train: [] as number[], test: [] as number[] };
  const binFolder = join(folder, 'make', 'tiny-bin');
  const packageFolder = join(folder, 'make', 'package');
  await mkdir(binFolder, { recursive: true });
  await mkdir(join(packageFolder, 'files'), { recursive: true });
  for (const name of [...trainFiles, ...testFiles]) {
    const bytes = Buffer.alloc(records * RECORD);
    const png = new PNG({ width: 20, height: records });
    for (let i = 0; i < records; i++) {
      const label = (i * 7 + name.length) % CLASSES.length;
      labels[name === 'test.bin' ? 'test' : 'train'].push(label);
      bytes[i * RECORD] = label;
      for (let p = 0; p < 20; p++) {
        for (let c = 0; c < 3; c++) {
          const value = stream.int(256);
          bytes[i * RECORD + 1 + c * 20 + p] = value;
          png.data[(i * 20 + p) * 4 + c] = value;
        }
        png.data[(i * 20 + p) * 4 + 3] = 255;
      }
    }
    files.set(name, bytes);
    await writeFile(join(binFolder, name), bytes);
    await writeFile(join(packageFolder, 'files', name), bytes);
    await writeFile(join(packageFolder, name.replace('.bin', '.png')), PNG.sync.write(png, { colorType: 2 }));
  }
  await writeFile(join(binFolder, 'readme.html'), 'not one of the files');
  await writeFile(join(packageFolder, 'train.json'), JSON.stringify(labels.train));
  await writeFile(join(packageFolder, 'test.json'), JSON.stringify(labels.test));
  await writeFile(
    join(packageFolder, 'package.json'),
    JSON.stringify({ name: 'tiny-images', version: '1.0.0', license: 'MIT' }),
  );
  const pack = async (name: string): Promise<Buffer> => {
    const file = join(folder, 'make', `${name}.tgz`);
    await create({ gzip: true, cwd: join(folder, 'make'), file }, [name]);
    return readFile(file);
  };
  const archive = await pack('tiny-bin');
  const tarball = await pack('package');

  const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const describe = (names: string[]): { part: DatasetEntry['train']; pixels: Uint8Array } => {
    const all = Buffer.concat(names.map((name) => files.get(name)!));
    const decoded = decodeRecords(all, { size: SIZE, classes: CLASSES.length, file: 'synthetic' });
    const part = {
      files: names,
      n: decoded.labels.length,
      perClass: classCounts({ labels: decoded.labels, classes: CLASSES }),
      images: sha(decoded.images),
      labels: sha(decoded.labels),
    };
    return { part, pixels: decoded.images };
  };
  const train = describe(trainFiles);
  const test = describe(testFiles);
  const manifest = parseManifest({
    schemaVersion: 1,
    datasets: {
      tiny: {
        title: 'Tiny',
        description: 'Random images',
        homepage: 'https://example.org/',
        citation: 'none',
        licence: 'none',
        format: 'cifar-binary',
        image: SIZE,
        classes: CLASSES,
        normalisation: channelStatistics({ ...SIZE, images: train.pixels }),
        files: [...files].map(([name, bytes]) => ({ name, size: bytes.length, sha256: sha(bytes) })),
        train: train.part,
        test: test.part,
        sources: [
          {
            kind: 'archive',
            url: `${base}/tiny.tar.gz`,
            size: archive.length,
            sha256: sha(archive),
            folder: 'tiny-bin',
          },
          {
            kind: 'npm',
            package: 'tiny-images',
            version: '1.0.0',
            size: tarball.length,
            integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
            labels: { train: 'train.json', test: 'test.json' },
          },
        ],
      },
    },
  });
  return { manifest, entry: manifest.datasets['tiny']!, files, archive, tarball };
}

/** Puts the files of a synthetic set into a folder. */
export async function writeFiles({ files }: Pick<Synthetic, 'files'>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine for the length of a test; `handler` may be replaced. */
export async function startServer(
  t: TestContext,
): Promise<{ base: string; handle: (handler: Handler) => void }> {
  let current: Handler = (_request, response) => response.writeHead(500).end();
  const server = createServer((request, response) => {
    current(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    handle: (handler) => {
      current = handler;
    },
  };
}

/** Sends content, or the part of it that Range asks for. */
export function sendRange(content: Buffer): Handler {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1);
    if (from < 0) {
      response.writeHead(200, { 'content-length': content.length }).end(content);
      return;
    }
    response
      .writeHead(206, {
        'content-length': content.length - from,
        'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
      })
      .end(content.subarray(from));
  };
}

/**
 * Milliseconds after which a server that is silent is given up where a test has one: above a second, undici counts turns of a
 * clock of its own and not the time, so that a process that stands still takes no lively server for a silent one.
 */
export const SILENCE = 1500;

/** Sends the head of a complete answer but closes the connection after `count` bytes of the content from `from` on. */
export function cutAfter(content: Buffer, from: number, count: number, response: ServerResponse): void {
  response.writeHead(from === 0 ? 200 : 206, {
    'content-length': content.length - from,
    ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  response.write(content.subarray(from, from + count));
  // What is still in the receiver's buffer when the connection breaks is lost to it; so it gets time to take it, in turns of
  // the event loop, which it has also where this process stood still.
  let turns = 15;
  const timer = setInterval(() => {
    if (--turns > 0) return;
    clearInterval(timer);
    response.destroy();
  }, 20);
}

/** Environment variables for the length of a test; `undefined` removes one. */
export function setEnvironment(t: TestContext, values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    t.after(() => {
      if (before === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before;
    });
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

/** The folder with the real CIFAR-10: of `MSL_TEST_DATA` and the ordinary data folder the first that has it. */
export function realDataFolder(): string {
  const named = process.env['MSL_TEST_DATA'];
  const ordinary = dataFolder();
  return named !== undefined && withoutCifar10(named) === false ? named : ordinary;
}

/** Why tests on the real CIFAR-10 cannot run, or `false`. */
export function withoutCifar10(dir = realDataFolder()): string | false {
  return existsSync(join(dir, 'cifar10', 'data_batch_1.bin'))
    ? false
    : `no cifar10 in ${dir}: msl data fetch cifar10`;
}

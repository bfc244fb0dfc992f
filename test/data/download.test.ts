import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { sha256, sha256Checksum } from '../../src/data/checksum.ts';
import { download, type DownloadOptions } from '../../src/data/download.ts';
import type { ProgressReport } from '../../src/engine/progress.ts';
import { createStream } from '../../src/engine/random.ts';
import {
  cutAfter,
  type Handler,
  sendRange,
  setEnvironment,
  SILENCE,
  startServer,
  temporaryFolder,
} from './synthetic.ts';

const stream = createStream(1, 'download');
const content = Buffer.from(Uint8Array.from({ length: 300_000 }, () => stream.int(256)));
const other = Buffer.from(content).reverse();

interface Prepared {
  options: DownloadOptions;
  file: string;
  handle: (handler: Handler) => void;
  base: string;
}

async function prepare(t: TestContext): Promise<Prepared> {
  setEnvironment(t, { no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1' });
  const { base, handle } = await startServer(t);
  const file = join(await temporaryFolder(t), 'content.part');
  const options = {
    url: `${base}/content`,
    file,
    size: content.length,
    checksum: sha256Checksum(sha256(content)),
    label: 'content',
    backoff: 1,
    connectTimeout: 60_000,
    stallTimeout: 60_000,
  };
  return { options, file, handle, base };
}

/** The start of the range that a request asks for; 0 for all. */
const rangeOf = (request: { headers: { range?: string | undefined } }): number =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

describe('a download', () => {
  it('brings the content and reports bytes', async (t) => {
    const { options, file, handle } = await prepare(t);
    handle(sendRange(content));
    const reports: ProgressReport[] = [];
    await download({ ...options, progress: (report) => reports.push(report) });
    assert.deepEqual(await readFile(file), content);
    assert.deepEqual(reports.at(-1), { label: 'content', done: 300_000, total: 300_000, unit: 'bytes' });
    assert.ok(reports.every((report, i) => i === 0 || report.done > reports[i - 1]!.done));
  });

  it('goes on where the connection was cut, as often as it is', async (t) => {
    const { options, file, handle } = await prepare(t);
    const starts: number[] = [];
    handle((request, response) => {
      const from = rangeOf(request);
      starts.push(from);
      if (starts.length <= 6) cutAfter(content, from, 40_000, response);
      else sendRange(content)(request, response);
    });
    // More cuts than attempts: each brought something new.
    await download({ ...options, attempts: 2 });
    assert.deepEqual(await readFile(file), content);
    assert.equal(starts.length, 7);
    assert.equal(starts[0], 0);
    assert.ok(starts.every((start, i) => i === 0 || start > starts[i - 1]!));
  });

  it('starts again where the server does not know ranges', async (t) => {
    const { options, file, handle } = await prepare(t);
    let requests = 0;
    handle((_request, response) => {
      if (++requests === 1) cutAfter(content, 0, 100_000, response);
      else response.writeHead(200).end(content);
    });
    await download(options);
    assert.equal(requests, 2);
    assert.deepEqual(await readFile(file), content);
  });

  it('takes up what an earlier one left', async (t) => {
    const { options, file, handle } = await prepare(t);
    await writeFile(file, content.subarray(0, 123_456));
    let asked = -1;
    handle((request, response) => {
      asked = rangeOf(request);
      sendRange(content)(request, response);
    });
    await download(options);
    assert.equal(asked, 123_456);
    assert.deepEqual(await readFile(file), content);
  });

  it('asks for nothing where all is there', async (t) => {
    const { options, file, handle } = await prepare(t);
    await writeFile(file, content);
    handle(() => assert.fail('asked'));
    await download(options);
  });

  it('starts again where what was left is of something else', async (t) => {
    for (const left of [other.subarray(0, 1000), other, Buffer.concat([content, content])]) {
      const { options, file, handle } = await prepare(t);
      await writeFile(file, left);
      handle(sendRange(content));
      await download(options);
      assert.deepEqual(await readFile(file), content);
    }
  });

  it('starts again where the server sends another part than asked for', async (t) => {
    const { options, file, handle } = await prepare(t);
    await writeFile(file, content.subarray(0, 1000));
    let requests = 0;
    handle((request, response) => {
      if (++requests > 1) sendRange(content)(request, response);
      else response.writeHead(206, { 'content-range': 'bytes 0-299999/300000' }).end(content);
    });
    await download(options);
    assert.deepEqual(await readFile(file), content);
  });

  it('starts again where the server has no such range', async (t) => {
    const { options, file, handle } = await prepare(t);
    await writeFile(file, content.subarray(0, 1000));
    handle((request, response) => {
      if (request.headers.range === undefined) response.writeHead(200).end(content);
      else response.writeHead(416).end();
    });
    await download(options);
    assert.deepEqual(await readFile(file), content);
  });

  it('follows redirects', async (t) => {
    const { options, file, handle } = await prepare(t);
    handle((request, response) => {
      if (request.url === '/content') response.writeHead(302, { location: '/moved' }).end();
      else sendRange(content)(request, response);
    });
    await download(options);
    assert.deepEqual(await readFile(file), content);
  });

  it('waits out 429, 500 and 503', async (t) => {
    const { options, file, handle } = await prepare(t);
    const answers = [429, 500, 503];
    handle((request, response) => {
      const status = answers.shift();
      if (status === undefined) sendRange(content)(request, response);
      else response.writeHead(status, status === 429 ? { 'retry-after': '0' } : {}).end();
    });
    await download(options);
    assert.deepEqual(await readFile(file), content);
  });

  it('goes on after a stall', async (t) => {
    const { options, file, handle } = await prepare(t);
    let requests = 0;
    handle((request, response) => {
      if (++requests > 1) sendRange(content)(request, response);
      else response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 50_000));
    });
    await download({ ...options, stallTimeout: SILENCE });
    assert.deepEqual([requests, await readFile(file)], [2, content]);
  });

  it('gives up after some attempts that bring nothing', async (t) => {
    const { options, handle } = await prepare(t);
    let requests = 0;
    handle((_request, response) => {
      requests++;
      response.writeHead(500).end();
    });
    await assert.rejects(download({ ...options, attempts: 3 }), /\/content answered with status 500/);
    assert.equal(requests, 3);
  });

  it('does not repeat what is refused', async (t) => {
    const { options, handle } = await prepare(t);
    let requests = 0;
    handle((_request, response) => {
      requests++;
      response.writeHead(404).end();
    });
    await assert.rejects(download(options), {
      name: 'DownloadError',
      message: /\/content answered with status 404/,
    });
    assert.equal(requests, 1);
  });

  it('refuses other content with address, expected and found, and leaves nothing', async (t) => {
    const { options, file, handle } = await prepare(t);
    handle(sendRange(other));
    await assert.rejects(download(options), (error: Error) => {
      assert.ok(error.message.includes(options.url));
      assert.ok(error.message.includes(`expected 300000 bytes with sha256 ${sha256(content)}`));
      assert.ok(error.message.includes(`found 300000 bytes with ${sha256(other)}`));
      return true;
    });
    assert.equal(existsSync(file), false);
  });

  it('refuses a file of another announced size before it reads it', async (t) => {
    const { options, handle } = await prepare(t);
    handle((_request, response) => response.writeHead(200, { 'content-length': 5 }).end('hello'));
    await assert.rejects(download(options), /expected 300000 bytes; found 5/);
  });

  it('stops a file that does not end', async (t) => {
    const { options, file, handle } = await prepare(t);
    handle((_request, response) => {
      response.writeHead(200);
      const more = (error?: Error | null): void => {
        if (!error && !response.destroyed) response.write(content, more);
      };
      more();
    });
    await assert.rejects(download(options), /sends more than the 300000 bytes expected/);
    assert.equal((await stat(file)).size, 0);
  });

  it('says where nobody answers, without another try', { timeout: 60_000 }, async (t) => {
    const { options } = await prepare(t);
    const { base } = await startServer(t);
    const closed = { ...options, url: base.replace(/\d+$/, '1'), backoff: 600_000 };
    await assert.rejects(download(closed), /cannot be reached \(ECONNREFUSED\)/);
  });

  it('tells no password of the address', async (t) => {
    const { options, handle } = await prepare(t);
    handle((_request, response) => response.writeHead(403).end());
    const url = options.url.replace('http://', 'http://user:secret@') + '?token=secret';
    await assert.rejects(download({ ...options, url }), (error: Error) => !error.message.includes('secret'));
  });

  it('is aborted with the reason of the signal and keeps what has come', async (t) => {
    const { options, file, handle } = await prepare(t);
    handle((_request, response) =>
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 70_000)),
    );
    const controller = new AbortController();
    const reason = new Error('enough');
    await assert.rejects(
      download({
        ...options,
        signal: controller.signal,
        progress: ({ done }) => {
          if (done === 70_000) controller.abort(reason);
        },
      }),
      reason,
    );
    assert.deepEqual(await readFile(file), content.subarray(0, 70_000));
  });

  it('says that the disk is full', { skip: !existsSync('/dev/full') && 'needs /dev/full' }, async (t) => {
    const { options, file, handle } = await prepare(t);
    await symlink('/dev/full', file);
    handle(sendRange(content));
    await assert.rejects(download(options), {
      name: 'UserError',
      message: /content\.part .*the disk is full/,
    });
  });

  it('goes through the proxy of HTTP_PROXY', async (t) => {
    const { options, file, handle, base } = await prepare(t);
    const tunnels: string[] = [];
    const { createServer, connect } = await import('node:net');
    const proxy = createServer((socket) => {
      socket.once('data', (head) => {
        const line = head.toString().split('\r\n')[0]!;
        tunnels.push(line);
        const upstream = connect(Number(new URL(base).port), '127.0.0.1', () => {
          if (line.startsWith('CONNECT')) socket.write('HTTP/1.1 200 OK\r\n\r\n');
          else upstream.write(head);
          socket.pipe(upstream).pipe(socket);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const address = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
    setEnvironment(t, { no_proxy: '', NO_PROXY: '', http_proxy: address, HTTP_PROXY: address });
    handle((request, response) => {
      sendRange(content)(request, response);
    });
    await download({ ...options, url: 'http://images.example/content' });
    assert.deepEqual(await readFile(file), content);
    assert.equal(tunnels.length, 1);
    assert.match(tunnels[0]!, /images\.example/);
  });
});

import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import { create, Header } from 'tar';

import { type Member, readMembers } from '../../src/data/archive.ts';
import { temporaryFolder } from './synthetic.ts';

async function makeArchive(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'set'));
  await writeFile(join(folder, 'set', 'a.bin'), Buffer.alloc(3_000_000, 1));
  await writeFile(join(folder, 'set', 'b.bin'), 'bee');
  await symlink('/etc/hostname', join(folder, 'set', 'link.bin'));
  const file = join(folder, 'set.tar.gz');
  await create({ gzip: true, cwd: folder, file }, ['set/a.bin', 'set/b.bin', 'set/link.bin']);
  return file;
}

/** An archive of one empty member, as no packer makes it. */
async function craftedArchive(
  t: TestContext,
  { path, type, linkpath }: { path: string; type: 'File' | 'Link'; linkpath?: string },
): Promise<string> {
  const block = Buffer.alloc(512);
  const header = new Header({
    path,
    type,
    size: 0,
    mode: 0o644,
    mtime: new Date(0),
    ...(linkpath && { linkpath }),
  });
  header.encode(block, 0);
  const file = join(await temporaryFolder(t), 'crafted.tar.gz');
  await writeFile(file, gzipSync(Buffer.concat([block, Buffer.alloc(1024)])));
  return file;
}

async function read(archive: string, members: Member[]): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  await readMembers(archive, {
    members,
    take: (path, bytes) => {
      found.set(path, bytes);
      return Promise.resolve();
    },
  });
  return found;
}

describe('reading members of an archive', () => {
  it('gives those asked for', async (t) => {
    const found = await read(await makeArchive(t), [
      { path: 'set/b.bin', limit: 3 },
      { path: 'set/a.bin', limit: 3_000_000 },
    ]);
    assert.equal(found.get('set/b.bin')!.toString(), 'bee');
    assert.deepEqual(found.get('set/a.bin'), Buffer.alloc(3_000_000, 1));
  });

  it('refuses one that is larger than it may be', async (t) => {
    await assert.rejects(read(await makeArchive(t), [{ path: 'set/a.bin', limit: 1000 }]), {
      name: 'UserError',
      message: /set\.tar\.gz .*set\/a\.bin has at most 1000 bytes; found 3000000/,
    });
  });

  it('names one that is missing, and takes no link for a file', async (t) => {
    const archive = await makeArchive(t);
    await assert.rejects(read(archive, [{ path: 'set/c.bin', limit: 100 }]), /set\/c\.bin is missing/);
    await assert.rejects(
      read(archive, [{ path: 'set/link.bin', limit: 100 }]),
      /set\/link\.bin should be a file; found a SymbolicLink/,
    );
    const hard = await craftedArchive(t, { path: 'set/b.bin', type: 'Link', linkpath: '/etc/hostname' });
    await assert.rejects(
      read(hard, [{ path: 'set/b.bin', limit: 100 }]),
      /b\.bin should be a file; found a Link/,
    );
  });

  it('refuses paths that lead out of it, whatever was asked for', async (t) => {
    for (const path of ['../set/b.bin', 'set/../../b.bin', '/set/b.bin']) {
      const archive = await craftedArchive(t, { path, type: 'File' });
      await assert.rejects(read(archive, [{ path: 'set/b.bin', limit: 100 }]), {
        name: 'UserError',
        message: new RegExp(`found ${path.replaceAll('.', '\\.')}, which leads out of it`),
      });
    }
  });

  it('refuses an archive that ends early or is none', async (t) => {
    const archive = await makeArchive(t);
    const bytes = await readFile(archive);
    const half = Math.floor(bytes.length / 2);
    const changed = Buffer.from(bytes);
    changed.fill(0x55, half);
    for (const wrong of [
      bytes.subarray(0, half),
      changed,
      Buffer.from('<html>not here</html>'),
      Buffer.alloc(0),
    ]) {
      await writeFile(archive, wrong);
      await assert.rejects(read(archive, [{ path: 'set/b.bin', limit: 100 }]), { name: 'UserError' });
    }
  });

  it('passes on an error of the receiver', async (t) => {
    const failure = new Error('no');
    await assert.rejects(
      readMembers(await makeArchive(t), {
        members: [{ path: 'set/a.bin', limit: 3_000_000 }],
        take: () => Promise.reject(failure),
      }),
      failure,
    );
  });
});

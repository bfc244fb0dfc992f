import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { setup } from '../../scripts/setup/index.mjs';
import { findPython } from '../../scripts/setup/python.mjs';
import { unpackWheel } from '../../scripts/setup/unpack.mjs';
import { verifyWheel } from '../../scripts/setup/verify.mjs';
import { buildFor } from '../../scripts/setup/wheels.mjs';
import { fakeTools, project, temporaryFolder } from './support.ts';

// SHA-256 of the three bytes 'abc', FIPS 180-2, appendix B.1.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('a wheel is known by its size and SHA-256', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'a.whl');
  fs.writeFileSync(file, 'abc');
  await verifyWheel(file, { file: 'a.whl', sha256: ABC, bytes: 3 });
  await verifyWheel(file, { file: 'a.whl', sha256: ABC });
  await assert.rejects(verifyWheel(file, { file: 'a.whl', sha256: ABC, bytes: 1234 }), {
    message: `${file} is not the file it should be: expected 1,234 bytes, found 3 (it is incomplete)`,
  });
  fs.writeFileSync(file, 'abd');
  await assert.rejects(
    verifyWheel(file, { file: 'b.whl', sha256: ABC, bytes: 3 }),
    (error: Error) =>
      error.message.startsWith(`${file} is not b.whl: expected sha256 ${ABC}, found `) &&
      !error.message.endsWith(ABC),
  );
});

test('a wheel of the user’s own is checked like any other, and left where it is', async (t) => {
  const { root, options } = project(t);
  const { tools, calls } = fakeTools();
  const file = path.join(root, 'tensorflow.whl');
  const env = { ...options.env, MSL_WHEEL: file };
  await assert.rejects(setup({ ...options, env, tools }), /MSL_WHEEL is .*, which does not exist/);
  fs.writeFileSync(file, 'abc');
  await assert.rejects(setup({ ...options, env, tools }), {
    name: 'WrongUse',
    message:
      `MSL_WHEEL: ${file} is not tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl: ` +
      'expected 273,829,956 bytes, found 3 (it is incomplete).',
  });
  assert.deepEqual(calls, []);
  assert.ok(fs.existsSync(file));
});

test('every build is pinned by a SHA-256', () => {
  for (const [platform, arch, variant] of [
    ['linux', 'x64', 'cpu'],
    ['linux', 'x64', 'gpu'],
    ['linux', 'arm64', 'cpu'],
    ['darwin', 'arm64', 'cpu'],
  ] as const) {
    const build = buildFor(platform, arch, variant);
    assert.ok(build !== undefined && build.wheels.length > 0);
    for (const { sha256, file, requirement, tag } of build.wheels) {
      assert.match(sha256, /^[0-9a-f]{64}$/);
      assert.match(requirement, /^[\w-]+==[\d.]+$/);
      assert.ok(file.endsWith(`${tag}.whl`));
    }
  }
  assert.equal(buildFor('win32', 'x64', 'cpu'), undefined);
});

test('what is needed is unpacked, a damaged wheel is refused', async (t) => {
  const python = await findPython(process.env, { needsPip: false }).catch((error: unknown) => String(error));
  if (typeof python === 'string') {
    t.skip(python);
    return;
  }
  const folder = temporaryFolder(t);
  const wheel = path.join(folder, 'small.whl');
  execFileSync(python.command, [
    '-c',
    [
      'import sys, zipfile',
      'z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)',
      'z.writestr("tensorflow/libtensorflow_cc.so.2", b"\\x07" * 5000000)',
      'z.writestr("tensorflow/include/tensorflow/c/eager/c_api.h", "int x;")',
      'z.writestr("tensorflow/python/unneeded.py", "pass")',
      'z.close()',
    ].join('\n'),
    wheel,
  ]);
  const seen: number[] = [];
  const unpack = (to: string) =>
    unpackWheel({
      wheel,
      folder: path.join(folder, to),
      python: python.command,
      env: process.env,
      onBytes: (done, total) => {
        assert.equal(total, 5_000_006);
        seen.push(done);
      },
    });
  assert.equal(await unpack('whole'), 5_000_006);
  assert.equal(seen.at(-1), 5_000_006);
  assert.deepEqual(
    fs
      .readdirSync(path.join(folder, 'whole'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.'))
      .sort(),
    ['tensorflow/include/tensorflow/c/eager/c_api.h', 'tensorflow/libtensorflow_cc.so.2'],
  );
  assert.equal(fs.statSync(path.join(folder, 'whole/tensorflow/libtensorflow_cc.so.2')).size, 5_000_000);

  const whole = fs.readFileSync(wheel);
  fs.writeFileSync(wheel, whole.subarray(0, 1000));
  await assert.rejects(unpack('truncated'), /small\.whl could not be unpacked: File is not a zip file/);
  // A byte within the compressed library: the archive's own checksum finds it.
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(2000) ^ 0xff, 2000);
  fs.writeFileSync(wheel, damaged);
  await assert.rejects(unpack('damaged'), /small\.whl could not be unpacked: /);
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { NotAvailable, WrongUse, setup, status } from '../../scripts/setup/index.mjs';
import { compile as realCompile } from '../../scripts/setup/addon.mjs';
import { fakeTools, project, write } from './support.ts';

const LIBRARIES = 'tensorflow-2.21.0-cpu-linux-x64';

test('builds once, links the addon, and has nothing to do the second time', async (t) => {
  const { root, cache, options, said } = project(t);
  const { tools, calls } = fakeTools();
  assert.deepEqual(status(options).ready, false);
  const first = await setup({ ...options, tools });
  assert.equal(first.engine, 'tensorflow');
  assert.equal(first.built, true);
  assert.deepEqual(calls, ['download', 'unpack', 'compile', 'probe']);
  const link = path.join(root, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8');
  assert.equal(fs.readlinkSync(link), first.folder);
  assert.ok(fs.existsSync(path.join(link, 'tfjs_binding.node')));
  assert.deepEqual(
    fs.readdirSync(cache).filter((name) => name.endsWith('.whl') || name.startsWith('.building')),
    [],
    'the wheel and the working folder are removed',
  );
  assert.match(said.join('\n'), /download .*\n.*unpack .*\n.*compile .*\n.*check .*\nSet-up done in /);

  const lines = said.length;
  const second = await setup({ ...options, tools });
  assert.equal(second.built, false);
  assert.equal(calls.length, 4);
  assert.equal(said.length, lines, 'a set-up with nothing to do says nothing');
  assert.deepEqual(status(options), {
    engine: 'tensorflow',
    ready: true,
    tensorflow: '2.21.0',
    folder: first.folder,
  });
});

test('a new node_modules only needs the link again', async (t) => {
  const { root, options } = project(t);
  const { tools, calls } = fakeTools();
  await setup({ ...options, tools });
  fs.rmSync(path.join(root, 'node_modules/@tensorflow/tfjs-node/lib'), { recursive: true });
  assert.equal(status(options).ready, false);
  assert.equal((await setup({ ...options, tools })).built, false);
  assert.equal(status(options).ready, true);
  assert.equal(calls.length, 4);
});

test('what the owner of a project has set up is used by all who can read it', async (t) => {
  const { root, options } = project(t);
  const { tools, calls } = fakeTools();
  const { folder } = await setup({ ...options, tools });
  const another = { ...options, env: { ...options.env, MSL_CACHE: path.join(root, '..', 'of another') } };
  assert.deepEqual(status(another), {
    ...{ engine: 'tensorflow', ready: true, tensorflow: '2.21.0' },
    folder,
  });
  assert.equal((await setup({ ...another, tools })).folder, folder);
  assert.equal(calls.length, 4);
});

test('where the link cannot be made that is said before anything is fetched', async (t) => {
  const { root, options, said } = project(t);
  const { tools, calls } = fakeTools();
  // No folder can be made where a file is, not by root either.
  write(root, { 'node_modules/@tensorflow/tfjs-node/lib': '' });
  const { engine } = await setup({ ...options, tools });
  assert.equal(engine, 'wasm');
  assert.deepEqual(calls, []);
  assert.match(
    said.join('\n'),
    /tfjs-node\/lib cannot be written.*MSL_CACHE=\S+\/project\/\.cache .*a copy of your own/,
  );
});

test('goes on where an earlier set-up ended', async (t) => {
  const { cache, options } = project(t);
  const { tools, calls } = fakeTools();
  // Compiling is cut off: TensorFlow stays.
  const compile = () => Promise.reject(new Error('cut off'));
  await assert.rejects(setup({ ...options, tools: { ...tools, compile } }), /cut off/);
  assert.ok(fs.existsSync(path.join(cache, LIBRARIES, 'stamp.json')));
  // A killed set-up cannot tidy up after itself.
  write(cache, { '.building-1/half': 'x' });
  calls.length = 0;
  await setup({ ...options, tools });
  assert.deepEqual(calls, ['compile', 'probe']);
  assert.ok(!fs.existsSync(path.join(cache, '.building-1')));
});

test('an addon that was never checked is checked before it is used', async (t) => {
  const { options } = project(t);
  const { tools, calls } = fakeTools();
  const { folder } = await setup({ ...options, tools });
  fs.rmSync(path.join(String(folder), 'stamp.json'));
  calls.length = 0;
  await setup({ ...options, tools });
  assert.deepEqual(calls, ['probe']);
});

test('a truncated library is fetched again', async (t) => {
  const { cache, options } = project(t);
  const { tools, calls } = fakeTools();
  await setup({ ...options, tools });
  fs.truncateSync(path.join(cache, LIBRARIES, 'tensorflow/libtensorflow_cc.so.2'), 3);
  assert.equal(status(options).ready, false);
  calls.length = 0;
  assert.equal((await setup({ ...options, tools })).engine, 'tensorflow');
  assert.deepEqual(calls.slice(0, 2), ['download', 'unpack']);
  assert.equal(status(options).ready, true);
});

test('two set-ups at once: one builds, the other waits and says so', async (t) => {
  const { options, said } = project(t);
  const { tools, calls } = fakeTools();
  const slow = {
    ...tools,
    compile: async (...args: Parameters<typeof tools.compile>) => {
      // Until the other one has said that it waits, or half a minute.
      for (let i = 0; i < 1500 && !said.some((line) => line.includes('another set-up')); i++) {
        await new Promise((done) => setTimeout(done, 20));
      }
      await tools.compile(...args);
    },
  };
  const both = await Promise.all([setup({ ...options, tools: slow }), setup({ ...options, tools: slow })]);
  assert.deepEqual(both.map(({ engine }) => engine), ['tensorflow', 'tensorflow']); // prettier-ignore
  assert.deepEqual(both.map(({ built }) => built).sort(), [false, true]); // prettier-ignore
  assert.equal(calls.filter((call) => call === 'download').length, 1);
  assert.equal(said.filter((line) => line.includes('another set-up')).length, 1);
});

test('what is missing is said in one line, and wasm is used', async (t) => {
  const { options, said } = project(t);
  const { tools } = fakeTools();
  const findCompiler = () => Promise.reject(new NotAvailable('no C++ compiler was found'));
  const { engine, reason } = await setup({ ...options, tools: { ...tools, findCompiler } });
  assert.equal(engine, 'wasm');
  assert.equal(reason, 'no C++ compiler was found');
  assert.deepEqual(said, [
    'TensorFlow is not used: no C++ compiler was found. The slower wasm engine is used.',
  ]);
  const asked = { ...options, env: { ...options.env, MSL_ENGINE: 'tensorflow' } };
  await assert.rejects(setup({ ...asked, tools: { ...tools, findCompiler } }), {
    name: 'WrongUse',
    status: 1,
    message: 'MSL_ENGINE=tensorflow was asked for and cannot be had: no C++ compiler was found.',
  });
});

test('an addon that does not load is taken away again', async (t) => {
  const { root, cache, options } = project(t);
  const { tools } = fakeTools();
  const probe = () => Promise.reject(new NotAvailable('it does not load'));
  assert.equal((await setup({ ...options, tools: { ...tools, probe } })).engine, 'wasm');
  assert.ok(!fs.existsSync(path.join(root, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8')));
  assert.deepEqual(
    fs.readdirSync(cache).filter((name) => name.startsWith('addon')),
    [],
  );
});

test('an engine is chosen by MSL_ENGINE, and a wrong name lists the right ones', async (t) => {
  const { options } = project(t);
  for (const engine of ['wasm', 'cpu']) {
    assert.equal((await setup({ ...options, env: { MSL_ENGINE: engine } })).engine, engine);
  }
  await assert.rejects(setup({ ...options, env: { MSL_ENGINE: 'tensorflwo' } }), (error) => {
    assert.ok(error instanceof WrongUse);
    assert.equal(
      error.message,
      "MSL_ENGINE is 'tensorflwo', which is no engine; the engines are tensorflow, wasm, cpu.",
    );
    return true;
  });
});

test('a disk without room is refused before the download, a full one during it', async (t) => {
  const { cache, options, said } = project(t);
  const { tools, calls } = fakeTools();
  const little = await setup({ ...options, tools: { ...tools, freeBytes: () => 0.4e9 } });
  assert.equal(little.engine, 'wasm');
  assert.match(
    said.at(-1) ?? '',
    /has 400\.0 MB free and TensorFlow needs 1\.13 GB; free some space there, or name/,
  );
  assert.deepEqual(calls, []);

  const compile: typeof tools.compile = (_compiler, all, at) =>
    realCompile(
      ['/bin/sh', '-c', 'echo "ld: final link failed: No space left on device" >&2; exit 1'],
      all,
      at,
    );
  const { reason } = await setup({ ...options, tools: { ...tools, compile } });
  assert.match(reason ?? '', /^the disk of .*cache is full; free some space/);
  assert.deepEqual(fs.readdirSync(cache).filter((name) => name.startsWith('.building')), []); // prettier-ignore
});

test('a platform without a wheel uses wasm', async (t) => {
  const { options } = project(t);
  for (const [platform, arch] of [
    ['win32', 'x64'],
    ['darwin', 'x64'],
  ] as const) {
    const { engine, reason } = await setup({ ...options, platform, arch });
    assert.equal(engine, 'wasm');
    assert.equal(reason, `there is no TensorFlow library for ${platform} ${arch}`);
  }
});

test('a folder that cannot be written is replaced by one in the project', async (t) => {
  const { root, cache, options, said } = project(t);
  const { tools } = fakeTools();
  fs.writeFileSync(cache, 'a file stands in the way');
  const { engine, folder } = await setup({ ...options, tools });
  assert.equal(engine, 'tensorflow');
  assert.ok(folder?.startsWith(path.join(root, '.cache')));
  assert.match(said[0] ?? '', /cannot be written, .*\.cache is used/);
  assert.equal(status(options).ready, true);
});

test('MSL_TENSORFLOW is used where it lies, and refused where it holds none', async (t) => {
  const { root, options } = project(t);
  const { tools, calls } = fakeTools();
  const own = path.join(root, '..', 'site-packages');
  const env = { ...options.env, MSL_TENSORFLOW: own };
  await assert.rejects(
    setup({ ...options, env, tools }),
    /MSL_TENSORFLOW is .*expected libtensorflow_cc\.so\.2, /,
  );
  write(path.join(own, 'tensorflow'), {
    'libtensorflow_cc.so.2': 'x',
    'libtensorflow_framework.so.2': 'x',
    'include/tensorflow/c/c_api.h': '',
  });
  let runPath = '';
  const compile: typeof tools.compile = (compiler, commands, at) => {
    runPath = commands.flat().find((arg) => arg.startsWith('-Wl,-rpath,')) ?? '';
    return tools.compile(compiler, commands, at);
  };
  assert.equal((await setup({ ...options, env, tools: { ...tools, compile } })).engine, 'tensorflow');
  assert.deepEqual(calls, ['compile', 'probe']);
  assert.equal(runPath, `-Wl,-rpath,${fs.realpathSync(own)}/tensorflow`);
});

test('the CUDA build is kept once it was asked for', async (t) => {
  const { options } = project(t);
  const { tools, calls } = fakeTools();
  await setup({ ...options, variant: 'gpu', tools });
  assert.equal(calls.filter((call) => call === 'download').length, 13, 'TensorFlow and twelve CUDA wheels');
  assert.match(status(options).folder ?? '', /addon-2\.21\.0-gpu-/);
  assert.equal((await setup({ ...options, tools })).built, false);
  assert.equal((await setup({ ...options, variant: 'cpu', tools })).built, true);
});

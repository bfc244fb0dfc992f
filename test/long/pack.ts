/**
 * What a user has who installs the package rather than cloning it: everything below happens in an empty folder that
 * only the tarball of `npm run build` and `npm pack` was installed into. Packages come from npm's cache where they are
 * there. Run by `npm run test:pack`; the engine of the machine has to be set up (`npm run test:pack` does that).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { writeTinyCifar } from '../support/tinyCifar.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-pack-')));
const user = path.join(folder, 'user');
const installed = path.join(user, 'node_modules', 'msl-workbook');

/** Without what points into this checkout, so that the package has to find everything itself. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(?:NODE_PATH|NODE_OPTIONS|NODE_TEST_CONTEXT|MSL_DATA|MSL_RUNS|MSL_ENGINE)$/.test(name),
  ),
);

/** Runs a program to its end; its standard output and error together. */
function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; status?: number; input?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { cwd = user, status = 0, input, env: more } = options;
  const result = spawnSync(command, args, {
    cwd,
    env: { ...env, ...more },
    encoding: 'utf8',
    timeout: 300_000,
    ...(input === undefined ? {} : { input }),
  });
  const text = `${result.stdout}${result.stderr}`;
  assert.equal(result.status, status, `${[command, ...args].join(' ')}\n${text}`);
  return text;
}

const msl = (...args: string[]): string => run('npx', ['--no-install', 'msl', ...args]);

function write(name: string, content: string): void {
  fs.writeFileSync(path.join(user, name), content);
}

before(() => {
  fs.mkdirSync(user);
  run('npm', ['run', 'build'], { cwd: root });
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball !== undefined);
  const { size } = fs.statSync(path.join(folder, tarball));
  assert.ok(size < 3e6, `the tarball has ${size} bytes: something is in it that should not be`);
  run('npm', ['init', '-y']);
  // Nothing may depend on install scripts of other packages.
  run('npm', [
    ...['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'],
    path.join(folder, tarball),
  ]);
});

after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

test('one copy of TensorFlow.js and of the sources that the addon is compiled from, and no addon', () => {
  const names = fs.readdirSync(user, { encoding: 'utf8', recursive: true });
  const copies = (name: string): string[] => names.filter((file) => file.endsWith(`${name}/package.json`));
  assert.deepEqual(copies('@tensorflow/tfjs'), ['node_modules/@tensorflow/tfjs/package.json']);
  assert.deepEqual(copies('@tensorflow/tfjs-core'), ['node_modules/@tensorflow/tfjs-core/package.json']);
  const node = 'node_modules/msl-workbook/dist/node_modules/@tensorflow/tfjs-node';
  assert.deepEqual(copies('@tensorflow/tfjs-node'), [`${node}/package.json`]);
  assert.ok(!fs.existsSync(path.join(user, node, 'lib')));
});

test('msl setup makes TensorFlow ready, which msl doctor then finds', () => {
  const before = msl('doctor');
  assert.match(before, /TensorFlow cannot be used: it is not set up; `npx msl setup` does that\./);
  assert.doesNotMatch(before, /npm run/);
  assert.match(msl('setup'), /^TensorFlow \S+ is ready in |^Set-up done/m);
  const after = msl('doctor');
  assert.match(after, /^ok +engine +TensorFlow 2\./m);
  assert.match(after, /^ok +kernel +.*node_modules\/msl-workbook\/jupyter\/kernels$/m);
});

test('msl train trains and evaluates, and records it in the current folder', () => {
  writeTinyCifar(path.join(user, 'data'));
  write(
    'tiny.json',
    JSON.stringify({
      dataset: 'cifar10',
      split: { validation: 40 },
      network: { name: 'vgg', widths: [4] },
      loss: { msl: { weight: 0.1 } },
      optimizer: { learningRate: 0.05 },
      epochs: 1,
      batchSize: 20,
      seed: 1,
    }),
  );
  msl('train', 'tiny.json');
  const records = fs.readdirSync(path.join(user, 'runs'), { encoding: 'utf8', recursive: true });
  assert.ok(
    records.some((name) => name.endsWith('environment.json')),
    records.join('\n'),
  );
});

test('msl train loads losses of a TypeScript file, which Node 20 by itself cannot', () => {
  fs.mkdirSync(path.join(user, 'mine'));
  write('mine/factor.mts', 'export enum Factor { half = 0.5 }\n');
  write(
    'mine/short.mts',
    `import * as tf from '@tensorflow/tfjs';
import { registerLoss } from 'msl-workbook/experiments';
import { Factor } from './factor.mts';

registerLoss({
  name: 'short', about: 'Features should be short.', formula: 'total = length', source: 'a test, 2026',
  parts: ['length'],
  options: {},
  evaluate: ({ features }) => {
    const length: tf.Scalar = tf.mul(tf.mean(tf.square(features)), Factor.half);
    return { total: length, parts: { length } };
  },
});
`,
  );
  const tiny = JSON.parse(fs.readFileSync(path.join(user, 'tiny.json'), 'utf8')) as object;
  const loss = { msl: null, layers: [{ name: 'short', weight: 0.1 }] };
  write('own.json', JSON.stringify({ ...tiny, custom: ['mine/short.mts'], loss }));
  msl('train', 'own.json', '--out', 'runs/own');
  assert.match(
    fs.readFileSync(path.join(user, 'runs/own/metrics.jsonl'), 'utf8'),
    /"short\/stage1\/length":/,
  );
});

test('a TypeScript program is checked and runs', () => {
  write(
    'train.mts',
    `import * as tf from '@tensorflow/tfjs';
import { batchThreads } from 'msl-workbook/data';
import { loadEngine } from 'msl-workbook/engine';
import { classPairs, mixtureSeparability } from 'msl-workbook/losses';
import { loadDanfo } from 'msl-workbook/report';

// Without the declarations this would be any, and nothing to complain of.
// @ts-expect-error
const wrong: number = mixtureSeparability;
void wrong;

const { name } = await loadEngine();
const features = tf.variable(tf.tensor2d([[1, 0.2], [0.9, 0.8], [0.3, 1], [0.8, 0.7]]));
const pairs = classPairs(tf.tensor1d([0, 0, 1, 1], 'int32'));
const loss = (): tf.Scalar => mixtureSeparability(features, pairs).total;
const first = loss().dataSync()[0] ?? NaN;
const optimizer = tf.train.sgd(0.1);
for (let step = 0; step < 50; step++) optimizer.minimize(loss, false, [features]);
const last = loss().dataSync()[0] ?? NaN;
const danfo = await loadDanfo();
const frame = new danfo.DataFrame([[1, 2], [3, 4]], { columns: ['a', 'b'] });
// @ts-expect-error
const alsoWrong: number = frame;
void alsoWrong;
const sameCopy = (danfo as unknown as { tensorflow: typeof tf }).tensorflow.Tensor === tf.Tensor;
const set = { images: new Uint8Array(36), labels: new Uint8Array(3), n: 3, height: 2, width: 2, channels: 3, classes: ['a'] };
const threads = batchThreads({ workers: 1 });
const sizes: number[] = [];
const normalisation = { mean: [0, 0, 0], std: [1, 1, 1] };
for await (const batch of threads.sequence({ set, batchSize: 2, normalisation })) sizes.push(batch.n);
console.log(JSON.stringify({ name, first, last, sum: frame['a'].sum(), sameCopy, sizes }));
`,
  );
  const compiler = path.join(user, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--strict', '--target', 'es2022', '--lib', 'es2023', '--types', 'node', '--skipLibCheck'];
  const compile = (...more: string[]): string =>
    run(process.execPath, [compiler, ...options, ...more, 'train.mts']);
  compile('--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit');
  compile('--module', 'nodenext', '--moduleResolution', 'nodenext');
  const line = run(process.execPath, ['--disable-warning=ExperimentalWarning', 'train.mjs']);
  const { name, first, last, sum, sameCopy, sizes } = JSON.parse(
    /^\{.*\}$/m.exec(line)?.[0] ?? '{}',
  ) as Record<string, unknown>;
  assert.deepEqual(
    { name, sum, sameCopy, sizes },
    { name: 'tensorflow', sum: 4, sameCopy: true, sizes: [2, 1] },
  );
  assert.ok(Number(last) < Number(first) / 2, `the loss went from ${String(first)} to ${String(last)}`);
});

test('the kernel runs a cell that imports the package', async (t) => {
  const load = (name: string): Promise<unknown> =>
    import(pathToFileURL(path.join(root, 'scripts', 'lab', name)).href);
  const { ensureLab } = (await load('environment.mjs')) as {
    ensureLab: (options: { root: string }) => Promise<string>;
  };
  const { jupyterEnvironment } = (await load('jupyter.mjs')) as {
    jupyterEnvironment: (root: string) => NodeJS.ProcessEnv;
  };
  let python: string;
  try {
    python = await ensureLab({ root });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WrongUse') throw error;
    t.skip(error.message);
    return;
  }
  const { JUPYTER_PATH, PATH } = jupyterEnvironment(installed);
  const cell = `
import * as tf from '@tensorflow/tfjs';
import { batchThreads } from 'msl-workbook/data';
import { loadEngine } from 'msl-workbook/engine';
import { classPairs, mixtureSeparability } from 'msl-workbook/losses';
const engine = await loadEngine();
const pairs = classPairs(tf.tensor1d([0, 0], 'int32'));
// One class, features (1, 0) and (0, 1): the mean over pairs of their squared distance, 2.
const { parts } = mixtureSeparability(tf.tensor2d([[1, 0], [0, 1]]), pairs, { center: false });
engine.name + ' ' + parts.withinClass.dataSync()[0]!.toFixed(3);`;
  const program = fileURLToPath(new URL('pack_kernel.py', import.meta.url));
  const text = run(python, ['-B', program, user], {
    input: cell,
    env: { ...(JUPYTER_PATH && { JUPYTER_PATH }), ...(PATH && { PATH }) },
  });
  assert.match(text, /tensorflow 2\.000/);
});

test('msl-kernel makes the kernel known, finds it, and checks a notebook', () => {
  const kernel = (...args: string[]): string =>
    run('npx', ['--no-install', 'msl-kernel', ...args], {
      env: { HOME: user, XDG_DATA_HOME: path.join(user, 'data') },
    });
  kernel('install');
  const spec = path.join(user, 'data', 'jupyter', 'kernels', 'typescript', 'kernel.json');
  const { argv } = JSON.parse(fs.readFileSync(spec, 'utf8')) as { argv: string[] };
  assert.ok(argv.includes(path.join(installed, 'src', 'kernel', 'start.cjs')), argv.join(' '));
  assert.match(kernel('doctor'), /^ok +kernelspec typescript/m);
  const cells = [
    { cell_type: 'code', source: "import { classPairs } from 'msl-workbook/losses';\nclassPairs" },
  ];
  write('checked.ipynb', JSON.stringify({ cells, metadata: { kernelspec: { language: 'typescript' } } }));
  assert.match(kernel('check', 'checked.ipynb'), /^No errors in 1 cell\.$/m);
});

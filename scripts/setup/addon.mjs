// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { NotAvailable, diskFull } from './errors.mjs';
import { run, tail } from './process.mjs';

/** What both addons are compiled with. */
export const FLAGS = ['-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8'];

/**
 * The commands that compile tfjs-node's binding and the helper that mutes standard error.
 *
 * @param {object} options
 * @param {string} options.platform
 * @param {string} options.binding folder with tfjs-node's folder `binding`
 * @param {string} options.headers folder of node-api-headers
 * @param {string} options.helper the helper's source
 * @param {string} options.tensorflow folder with the libraries and `include`
 * @param {string} options.runPath where the addon finds the libraries, as the loader writes it
 * @param {string} options.out
 * @returns {readonly (readonly string[])[]} arguments of the compiler
 */
export function commands({ platform, binding, headers, helper, tensorflow, runPath, out }) {
  const mac = platform === 'darwin';
  // A Node addon finds Node's own functions in the process that loads it; only Apple's linker asks about them.
  const common = [
    ...FLAGS,
    ...(mac ? ['-undefined', 'dynamic_lookup'] : []),
    '-I',
    path.join(headers, 'include'),
  ];
  const sources = path.join(binding, 'binding');
  const libraries = mac
    ? ['cc', 'framework'].map((part) => path.join(tensorflow, `libtensorflow_${part}.2.dylib`))
    : ['-L', tensorflow, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'];
  return [
    [
      ...common,
      ...['-std=c++17', '-I', path.join(tensorflow, 'include')],
      ...fs
        .readdirSync(sources)
        .filter((file) => file.endsWith('.cc'))
        .map((file) => path.join(sources, file)),
      ...['-o', path.join(out, 'tfjs_binding.node')],
      ...libraries,
      `-Wl,-rpath,${runPath}`,
    ],
    [...common, '-x', 'c', helper, '-o', path.join(out, 'quiet.node')],
  ];
}

/**
 * Compiles both addons.
 *
 * @param {readonly [command: string, ...args: string[]]} compiler
 * @param {readonly (readonly string[])[]} all
 * @param {{ env: NodeJS.ProcessEnv, out: string }} options `out` is a folder for this alone
 * @throws {NotAvailable} with the compiler's words
 */
export async function compile([command, ...first], all, { env, out }) {
  const outcomes = await Promise.all(
    all.map((args) => run(command, [...first, ...args], { env: { ...env, TMPDIR: out }, timeout: 300_000 })),
  );
  for (const { status, stderr, error } of outcomes) {
    if (status === 0) continue;
    if (/No space left on device/.test(stderr)) throw diskFull();
    const reason = /^.*(?:error|cannot find).*$/im.exec(stderr)?.[0] ?? tail(error?.message ?? stderr, 1);
    throw new NotAvailable(
      `${[command, ...first].join(' ')} could not compile the addon (${reason.trim()}); install a compiler that ` +
        'knows C++17 with its standard library (Debian/Ubuntu: apt install g++), or name one in CXX',
    );
  }
}

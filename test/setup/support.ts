import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

import type { Tools } from '../../scripts/setup/build.mjs';
import type { SetupOptions } from '../../scripts/setup/index.mjs';
import { reportTo } from '../../scripts/setup/report.mjs';

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-setup-test-'));
  t.after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes files, by path below `folder`. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}

/** A project with the two packages that the addon is compiled from, and an empty cache, on Linux x64. */
export function project(t: TestContext): {
  root: string;
  cache: string;
  options: SetupOptions;
  said: string[];
} {
  const folder = temporaryFolder(t);
  const root = path.join(folder, 'project');
  const cache = path.join(folder, 'cache');
  write(root, {
    'package.json': '{}',
    'node_modules/@tensorflow/tfjs-node/package.json':
      '{"version": "4.22.0", "binary": {"napi_versions": [3, 8]}}',
    'node_modules/node-api-headers/package.json': '{"version": "1.9.0"}',
  });
  const sources = 'node_modules/@tensorflow/tfjs-node/binding';
  fs.cpSync(new URL(`../../${sources}`, import.meta.url), path.join(root, sources), { recursive: true });
  const said: string[] = [];
  return {
    root,
    cache,
    said,
    options: {
      root,
      env: { PATH: process.env['PATH'], MSL_CACHE: cache },
      platform: 'linux',
      arch: 'x64',
      home: folder,
      report: reportTo({
        write: (text) => {
          said.push(String(text).trimEnd());
          return true;
        },
      }),
    },
  };
}

/** Tools that do in no time what the real ones do, and count their calls. */
export function fakeTools(): { tools: Tools; calls: string[] } {
  const calls: string[] = [];
  const tools: Tools = {
    findPython: () => Promise.resolve({ command: 'python3', version: '3.11.0', pip: true }),
    findCompiler: () => Promise.resolve(['g++'] as const),
    downloadWheel: ({ wheel, folder }) => {
      calls.push('download');
      write(folder, { [wheel.file]: 'a wheel' });
      return Promise.resolve(path.join(folder, wheel.file));
    },
    unpackWheel: ({ folder }) => {
      calls.push('unpack');
      write(folder, {
        'tensorflow/libtensorflow_cc.so.2': 'library',
        'tensorflow/libtensorflow_framework.so.2': 'library',
        'tensorflow/include/tensorflow/c/c_api.h': '',
      });
      return Promise.resolve(14);
    },
    compile: (_compiler, _commands, { out }) => {
      calls.push('compile');
      write(out, { 'tfjs_binding.node': 'addon', 'quiet.node': 'addon' });
      return Promise.resolve();
    },
    probe: () => {
      calls.push('probe');
      return Promise.resolve({ version: '2.21.0', gpu: false });
    },
    freeBytes: () => 1e12,
    misfit: () => undefined,
  };
  return { tools, calls };
}

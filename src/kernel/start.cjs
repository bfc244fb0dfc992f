'use strict';
/* global __dirname */
// Starts the kernel (usage: node start.cjs CONNECTION_FILE), or one of its other threads (`workerData.entry`).
//
// In the source tree the other files are TypeScript, which Node 20 cannot load; they are compiled here because
// a general loader (tsx) costs 0.25 s of the start and hooks into what cells import. A build holds JavaScript.
const fs = require('node:fs');
const path = require('node:path');
const { _extensions: extensions, enableCompileCache } = require('node:module');
const v8 = require('node:v8');
const { isMainThread, workerData } = require('node:worker_threads');

// The optimising compiler takes up to 80 MB for one of the largest functions of TypeScript, and the process keeps them.
// (V8's default is 60 kB of bytecode; the limit is that of a function of some 600 lines.)
if (isMainThread) v8.setFlagsFromString('--max-optimized-bytecode-size=16000');

const file = path.join(__dirname, workerData?.entry ?? 'main');
const { cache } = require('./cache.cjs');
const { compile } = require('./compile.cjs');
// From Node 22 on; it halves the time that TypeScript takes to load.
if (cache.folder !== null) enableCompileCache?.(path.join(cache.folder, 'v8'));
if (fs.existsSync(`${file}.ts`)) {
  extensions['.ts'] = (module, name) => module._compile(compile(name), name, 'commonjs');
  require(`${file}.ts`);
} else {
  require(`${file}.js`);
}

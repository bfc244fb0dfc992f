'use strict';
/* global __dirname */
// Starts the kernel, or on a worker thread its control channel. Usage: node start.cjs CONNECTION_FILE
//
// In the source tree the other files are TypeScript, which Node 20 cannot load; they are compiled here because
// a general loader (tsx) costs 0.25 s of the start and hooks into what cells import. A build holds JavaScript.
const fs = require('node:fs');
const path = require('node:path');
const { _extensions: extensions } = require('node:module');
const { isMainThread } = require('node:worker_threads');

const part = path.join(__dirname, isMainThread ? 'main' : 'control');
if (fs.existsSync(`${part}.ts`)) {
  const { compile } = require('./compile.cjs');
  extensions['.ts'] = (module, file) => module._compile(compile(file), file, 'commonjs');
  require(`${part}.ts`);
} else {
  require(`${part}.js`);
}

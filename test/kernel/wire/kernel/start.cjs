'use strict';
/* global __dirname */
// Starts the kernel of the tests, or its sockets thread, as src/kernel/start.cjs does. Usage: node start.cjs CONNECTION_FILE
const { _extensions: extensions } = require('node:module');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

const { compile } = require('../../../../src/kernel/compile.cjs');
extensions['.ts'] = (module, file) => module._compile(compile(file), file, 'commonjs');
require(path.join(__dirname, isMainThread ? 'main.ts' : 'sockets.ts'));

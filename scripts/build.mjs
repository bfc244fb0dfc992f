// @ts-check
// `npm run build`: JavaScript and declarations in dist/, which an installed package runs.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { carry } from './build/carry.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = path.join(root, 'dist');
fs.rmSync(output, { recursive: true, force: true });
// TypeScript's own compiler by its path: `tsc` on the path is tslab's old fork.
const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', path.join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
if (status === 0) carry(root, output);

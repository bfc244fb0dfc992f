// @ts-check
// `npm run test:long`: kills set-up, download and training at random moments, then trains the same here
// and in PyTorch, where the environment of the benchmark's peers is there. About 20 minutes, and 20 more.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { prepare, spawnInPlace } from './setup/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare(root);
const long = path.join(root, 'test', 'long');
const commands = [
  [path.join(long, 'setup-kill.mjs')],
  [path.join(long, 'setup-kill.mjs'), '--packages'],
  ['--import', 'tsx', '--test', path.join(long, 'data-kill.ts'), path.join(long, 'train-kill.ts')],
  ['--import', 'tsx', '--test', path.join(long, 'queue-kill.ts'), path.join(long, 'three-ways.ts')],
  ['--import', 'tsx', '--test', path.join(long, 'svhn-extra.ts')],
  ['--import', 'tsx', '--test', path.join(root, 'test', 'data', 'formats', 'damaged.test.ts')],
  ['--import', 'tsx', '--test', path.join(long, 'networks.ts')],
  ['--import', 'tsx', path.join(long, 'parity.ts'), '--if-installed'],
];
// The readers of data sets get this many damaged files each.
process.env['MSL_FUZZ_INPUTS'] ??= '20000';
for (const command of commands) {
  const status = await spawnInPlace(process.execPath, command, { cwd: root });
  if (status !== 0) process.exitCode = status;
}

// @ts-check
// `npm start [-- --profile full ...]`: from nothing to the first reproduction.
import { fileURLToPath } from 'node:url';

import { prepare, spawnInPlace } from './setup/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare(root);
const msl = fileURLToPath(new URL('../bin/msl', import.meta.url));
process.exitCode = await spawnInPlace(
  process.execPath,
  [msl, 'study', 'run', 'early-saturation', ...process.argv.slice(2)],
  { cwd: root },
);

// @ts-check
// `npm run test:pack`: the package, built, packed and installed into an empty folder. About three minutes.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { prepare, spawnInPlace } from './setup/prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare(root);
const test = path.join(root, 'test', 'long', 'pack.ts');
process.exitCode = await spawnInPlace(process.execPath, ['--import', 'tsx', '--test', test], { cwd: root });

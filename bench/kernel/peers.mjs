// @ts-check
// `node bench/kernel/peers.mjs`: installs the kernels that this one is compared with, as they come, and prints the
// folder in which Jupyter finds them (for JUPYTER_PATH). Needs the npm registry on first use.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { cacheFolders, firstWritable } from '../../scripts/setup/folders.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('peers', import.meta.url));

/** What each peer is started with; `{folder}` is where npm installed it. Their names must not hide a user's own. */
const KERNELSPECS = {
  'peer-tslab': {
    argv: ['node', '{folder}/node_modules/tslab/bin/tslab', 'kernel', '--config-path={connection_file}'],
    display_name: 'tslab as it comes',
    language: 'typescript',
  },
  'peer-deno': {
    argv: ['{folder}/node_modules/deno/deno', 'jupyter', '--kernel', '--conn', '{connection_file}'],
    display_name: 'Deno',
    language: 'typescript',
  },
};

/**
 * Installs the peers on first use, by the lock file, into the user's cache.
 *
 * @returns {string} the folder for JUPYTER_PATH
 */
export function ensurePeers() {
  const lock = fs.readFileSync(path.join(here, 'package-lock.json'));
  const system = { env: process.env, platform: process.platform, home: os.homedir(), root };
  const cache = firstWritable(cacheFolders(system));
  if (cache === undefined) throw new Error('no cache folder can be written');
  const folder = path.join(cache, `kernels-${createHash('sha256').update(lock).digest('hex').slice(0, 8)}`);
  const stamp = path.join(folder, '.complete');
  if (!fs.existsSync(stamp)) {
    fs.mkdirSync(folder, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      fs.copyFileSync(path.join(here, name), path.join(folder, name));
    }
    const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (npm.status !== 0) throw new Error(`npm could not install the peers into ${folder}`);
    fs.writeFileSync(stamp, '');
  }
  for (const [name, specification] of Object.entries(KERNELSPECS)) {
    const target = path.join(folder, 'kernels', name);
    fs.mkdirSync(target, { recursive: true });
    const argv = specification.argv.map((part) => part.replace('{folder}', folder));
    fs.writeFileSync(path.join(target, 'kernel.json'), JSON.stringify({ ...specification, argv }, null, 2));
  }
  return folder;
}

/** The versions that the lock file pins. */
export function peerVersions() {
  const { packages } = JSON.parse(fs.readFileSync(path.join(here, 'package-lock.json'), 'utf8'));
  return {
    tslab: String(packages['node_modules/tslab'].version),
    deno: String(packages['node_modules/deno'].version),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(ensurePeers());

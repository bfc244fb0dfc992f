// @ts-check
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { WrongUse } from './errors.mjs';
import { firstWritable } from './folders.mjs';
import { withLock } from './lock.mjs';
import { reportTo } from './report.mjs';

/**
 * @typedef {object} Entry
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {boolean} [dev]
 * @property {boolean} [devOptional]
 */

/**
 * Runs `npm ci` where `node_modules` is missing or is not what `package-lock.json` says. A project without a
 * lockfile is an installed package, whose dependencies npm has put in place.
 *
 * @param {object} options
 * @param {string} options.root
 * @param {import('./report.mjs').Report} [options.report]
 * @param {typeof npmCi} [options.install] returns the exit status
 * @returns {Promise<boolean>} whether anything was installed
 * @throws {WrongUse} where npm fails, or the project cannot be written
 */
export async function ensureDependencies({ root, report = reportTo(process.stderr), install = npmCi }) {
  const missing = mismatch(root);
  if (missing === undefined) return false;
  if (firstWritable([path.join(root, '.cache')]) === undefined) {
    throw new WrongUse(
      `Packages: ${missing}, and ${root} cannot be written. Have its owner run \`npm ci\` there, or use a clone of your own.`,
      1,
    );
  }
  return await withLock(
    path.join(root, '.cache', '.install'),
    async (holdFor) => {
      const reason = mismatch(root);
      if (reason === undefined) return false;
      const began = performance.now();
      report.line(`Packages: ${reason}; npm ci`);
      // npm takes the old folder away first. Killed in between, its list must not vouch for what is left.
      fs.rmSync(listOf(root), { force: true });
      const status = await install(root, holdFor);
      const left = mismatch(root);
      if (status !== 0 || left !== undefined) {
        throw new WrongUse(
          status === 0
            ? `npm ci ended without an error, but ${left}.`
            : `npm ci failed with status ${String(status)}; its words stand above. It needs the npm registry.`,
          1,
        );
      }
      report.line(`Packages installed in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
      return true;
    },
    {
      onWait: ({ pid }) => {
        report.line(`Packages: process ${pid} is installing; waiting for it.`);
      },
    },
  );
}

/**
 * In what `node_modules` differs from the lockfile. npm lists what it installed in a file of its own, which it writes
 * last; a package that was deleted since is found by its missing folder.
 *
 * @param {string} root
 * @returns {string | undefined} undefined where it does not differ
 */
export function mismatch(root) {
  const lock = packagesIn(path.join(root, 'package-lock.json'));
  if (lock === undefined) return undefined;
  const list = packagesIn(listOf(root));
  if (list === undefined) return 'node_modules is missing or incomplete';
  for (const [name, { version, integrity, optional, devOptional }] of Object.entries(lock)) {
    if (name === '') continue;
    const there = list[name];
    if (there === undefined) {
      if (optional === true || devOptional === true) continue; // for another platform
      return `${name} is missing`;
    }
    if (there.version !== version || there.integrity !== integrity) {
      return `${name} is ${there.version ?? 'unknown'}, not the ${version ?? 'one'} of package-lock.json`;
    }
    if (!fs.existsSync(path.join(root, name, 'package.json'))) return `${name} is incomplete`;
  }
  for (const name of Object.keys(list)) {
    if (lock[name] === undefined) return `${name} is not in package-lock.json`;
  }
  return undefined;
}

/** @param {string} root */
function listOf(root) {
  return path.join(root, 'node_modules', '.package-lock.json');
}

/**
 * @param {string} file
 * @returns {Record<string, Entry> | undefined}
 */
function packagesIn(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {import('./lock.mjs').HoldFor} holdFor
 * @returns {Promise<number | null>}
 */
function npmCi(root, holdFor) {
  // Whatever NODE_ENV says: TypeScript's types, danfojs and tfjs-node are among the development packages.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const guard = `--import=${new URL('./guard.mjs', import.meta.url).href}`;
  /** @type {import('node:child_process').SpawnOptions} */
  const options = {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${guard}`.trim() },
  };
  // Under `npm start` the same npm is asked again; run as `node scripts/start.mjs`, the one on the path.
  const script = process.env['npm_execpath'];
  const known = script !== undefined && /\.[cm]?js$/.test(script);
  return new Promise((resolve) => {
    const child = known
      ? spawn(process.execPath, [script, ...args], options)
      : spawn('npm', args, { ...options, shell: process.platform === 'win32' });
    holdFor(child.pid);
    child.on('error', () => {
      resolve(null);
    });
    child.on('close', resolve);
  });
}

// @ts-check
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { compile } from './addon.mjs';
import { build, ready } from './build.mjs';
import { findCompiler } from './compiler.mjs';
import { downloadWheel } from './download.mjs';
import { NotAvailable, WrongUse, inWords } from './errors.mjs';
import { firstWritable } from './folders.mjs';
import { leadsTo, linkTo } from './link.mjs';
import { withLock } from './lock.mjs';
import { misfit } from './misfit.mjs';
import { setupCommand } from './packages.mjs';
import { engineAskedFor, planFor } from './plan.mjs';
import { probe } from './probe.mjs';
import { findPython } from './python.mjs';
import { reportTo } from './report.mjs';
import { unpackWheel } from './unpack.mjs';
import { buildFor } from './wheels.mjs';

export { ensureDependencies } from './dependencies.mjs';
export { NotAvailable, WrongUse } from './errors.mjs';

/** @typedef {import('./plan.mjs').EngineName} EngineName */

/**
 * @typedef {object} SetupOptions
 * @property {string} [root] the project; default: the one that holds this file
 * @property {NodeJS.ProcessEnv} [env] default `process.env`
 * @property {'cpu' | 'gpu'} [variant] which build of TensorFlow; default: CUDA where it is in the cache, else CPU
 * @property {import('./report.mjs').Report} [report] where it says what it does; default standard error
 * @property {string} [platform] default `process.platform`
 * @property {string} [arch] default `process.arch`
 * @property {string} [home] default the user's
 * @property {Partial<import('./build.mjs').Tools>} [tools] for tests
 */

/**
 * @typedef {object} SetupResult
 * @property {EngineName} engine the engine that is ready for use
 * @property {string} [reason] why it is not TensorFlow, where nobody asked for another
 * @property {string} [tensorflow] version of TensorFlow
 * @property {string} [folder] where the addon lies
 * @property {boolean} built whether anything had to be built
 * @property {number} seconds
 */

/** @type {import('./build.mjs').Tools} */
const TOOLS = {
  ...{ findPython, findCompiler, downloadWheel, unpackWheel, compile, probe, misfit },
  freeBytes: (folder) => {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  },
};

/**
 * Makes TensorFlow ready: gets its library through pip, compiles tfjs-node's addon against it, checks it, and links
 * it into tfjs-node. What is there already is left alone; two set-ups at once wait for each other; one that was
 * killed is gone on with. Where something is missing it says so in one line, and the wasm engine is used.
 *
 * @param {SetupOptions} [options]
 * @returns {Promise<SetupResult>}
 * @throws {WrongUse} for an unknown engine, a folder or wheel that is not what it should be, and where TensorFlow or
 * the CUDA build was asked for by name and cannot be had
 */
export async function setup(options = {}) {
  const began = performance.now();
  /** @param {Omit<SetupResult, 'seconds'>} result */
  const result = (result) => ({ ...result, seconds: (performance.now() - began) / 1000 });
  const report = options.report ?? reportTo(process.stderr);
  const system = systemOf(options);
  const asked = engineAskedFor(system.env);
  if (asked === 'wasm' || asked === 'cpu') return result({ engine: asked, built: false });
  let folder = system.root;
  try {
    const plan = planFor(system);
    const there = ready(plan);
    if (there !== undefined) {
      link(plan, there.folder, system.root);
      return result({ engine: 'tensorflow', ...there, built: false });
    }
    // Said before a long download, not after it.
    requireLinkable(plan, system.root);
    const cache = firstWritable(plan.caches);
    if (cache === undefined) {
      throw new NotAvailable(`none of the folders ${plan.caches.join(', ')} can be written`);
    }
    folder = cache;
    if (cache !== plan.caches[0])
      report.line(`Set-up: ${plan.caches[0]} cannot be written, ${cache} is used.`);
    const built = await withLock(
      path.join(cache, '.lock'),
      async () => {
        const meanwhile = ready(plan);
        if (meanwhile !== undefined) {
          link(plan, meanwhile.folder, system.root);
          return { ...meanwhile, built: false };
        }
        const title = `Set-up: ${plan.title} for ${system.platform} ${system.arch}, into ${cache}`;
        const tools = { ...TOOLS, ...options.tools };
        const done = await build({ system, plan, cache, tools, report: titled(report, title) });
        return { ...done, built: true };
      },
      {
        onWait: ({ pid }) => {
          report.line(`Set-up: another set-up (process ${pid}) is at work; waiting for it.`);
        },
      },
    );
    const done = result({ engine: 'tensorflow', ...built });
    if (done.built) report.line(`Set-up done in ${done.seconds.toFixed(1)} s.`);
    return done;
  } catch (caught) {
    const error = inWords(caught, folder);
    if (!(error instanceof NotAvailable)) throw error;
    const reason = error.message;
    if (asked === 'tensorflow' || system.variant === 'gpu') {
      const what = asked === 'tensorflow' ? 'MSL_ENGINE=tensorflow' : 'The CUDA build';
      throw new WrongUse(`${what} was asked for and cannot be had: ${reason}.`, 1);
    }
    report.line(`TensorFlow is not used: ${reason}. The slower wasm engine is used.`);
    return result({ engine: 'wasm', reason, built: false });
  }
}

/**
 * @param {import('./plan.mjs').Plan} plan
 * @param {string} folder
 * @param {string} root
 */
function link(plan, folder, root) {
  if (leadsTo(plan.link) === folder) return;
  requireLinkable(plan, root);
  linkTo(plan.link, folder);
}

/**
 * @param {import('./plan.mjs').Plan} plan
 * @param {string} root
 * @throws {NotAvailable} where the link to what is built cannot be made: the project is somebody else's
 */
function requireLinkable(plan, root) {
  const place = path.dirname(plan.link);
  if (firstWritable([place]) !== undefined) return;
  throw new NotAvailable(
    `${place} cannot be written, where the set-up links what it builds. Its owner sets it up for all who may read it by ` +
      `\`MSL_CACHE=${path.join(root, '.cache')} ${setupCommand(root)}\`; or use a copy of your own`,
  );
}

/**
 * What a set-up would find, in milliseconds and without changing anything.
 *
 * @param {SetupOptions} [options]
 * @returns {{ engine: EngineName, ready: boolean, tensorflow?: string, folder?: string, reason?: string }}
 * `ready`: whether the engine can be used as it is
 * @throws {WrongUse} for an unknown engine
 */
export function status(options = {}) {
  const system = systemOf(options);
  const asked = engineAskedFor(system.env);
  if (asked === 'wasm' || asked === 'cpu') return { engine: asked, ready: true };
  try {
    const plan = planFor(system);
    const there = ready(plan);
    if (there === undefined) {
      return {
        engine: 'tensorflow',
        ready: false,
        reason: `not set up yet: \`${setupCommand(system.root)}\` does that`,
      };
    }
    return { engine: 'tensorflow', ready: leadsTo(plan.link) === there.folder, ...there };
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    return { engine: 'wasm', ready: true, reason: error.message };
  }
}

/**
 * Removes the CUDA build, so that the next set-up uses the one for the CPU.
 *
 * @param {SetupOptions} [options]
 */
export function removeGpuBuild(options = {}) {
  const system = systemOf(options);
  if (buildFor(system.platform, system.arch, 'gpu') === undefined) return;
  const plan = planFor({ ...system, variant: 'gpu', env: { ...system.env, MSL_TENSORFLOW: '' } });
  for (const cache of plan.caches) {
    for (const name of [plan.addon, plan.libraries]) {
      fs.rmSync(path.join(cache, name), { recursive: true, force: true });
    }
  }
}

/**
 * A report that begins with a title, once there is something to report.
 *
 * @param {import('./report.mjs').Report} report
 * @param {string} title
 * @returns {import('./report.mjs').Report}
 */
function titled(report, title) {
  let begun = false;
  return {
    ...report,
    step: (name, work) => {
      if (!begun) report.line(title);
      begun = true;
      return report.step(name, work);
    },
  };
}

/**
 * @param {SetupOptions} options
 * @returns {import('./plan.mjs').System}
 */
function systemOf({ root, env, platform, arch, home, variant }) {
  return {
    root: root ?? fileURLToPath(new URL('../..', import.meta.url)),
    env: env ?? process.env,
    platform: platform ?? process.platform,
    arch: arch ?? process.arch,
    home: home ?? os.homedir(),
    variant,
  };
}

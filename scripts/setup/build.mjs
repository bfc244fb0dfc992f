// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { commands } from './addon.mjs';
import { NotAvailable, WrongUse } from './errors.mjs';
import { leadsTo, linkTo } from './link.mjs';
import { patchFiles } from './patch.mjs';
import { HELPER, PATCH } from './plan.mjs';
import { megabytes } from './report.mjs';
import { readStamp, writeStamp } from './stamp.mjs';
import { verifyWheel, wheelOf } from './verify.mjs';

/** Folders of set-ups at work start with this; under the lock, one of another process is a dead one's. */
const AT_WORK = '.building-';

/**
 * What the set-up uses of the machine; the tests put others in their place.
 *
 * @typedef {object} Tools
 * @property {typeof import('./python.mjs').findPython} findPython
 * @property {typeof import('./compiler.mjs').findCompiler} findCompiler
 * @property {typeof import('./download.mjs').downloadWheel} downloadWheel
 * @property {typeof import('./unpack.mjs').unpackWheel} unpackWheel
 * @property {typeof import('./addon.mjs').compile} compile
 * @property {typeof import('./probe.mjs').probe} probe
 * @property {(folder: string) => number} freeBytes
 * @property {() => string | undefined} misfit why the libraries cannot run on this machine
 */

/**
 * The folder of a complete addon whose TensorFlow is complete as well: in one of the caches, or where the link leads, which
 * whoever owns the project may have set up for all.
 *
 * @param {import('./plan.mjs').Plan} plan
 * @returns {{ folder: string, tensorflow: string } | undefined}
 */
export function ready(plan) {
  const linked = leadsTo(plan.link);
  for (const cache of [...plan.caches, ...(linked === undefined ? [] : [path.dirname(linked)])]) {
    const stamp = readStamp(path.join(cache, plan.addon));
    if (stamp?.tensorflow === undefined) continue;
    if (plan.own === undefined && readStamp(path.join(cache, plan.libraries)) === undefined) continue;
    return { folder: path.join(cache, plan.addon), tensorflow: stamp.tensorflow };
  }
  return undefined;
}

/**
 * Builds what the plan asks for in `cache`, going on from whatever an earlier, interrupted set-up completed there.
 * Runs under the lock.
 *
 * @param {object} options
 * @param {import('./plan.mjs').System} options.system
 * @param {import('./plan.mjs').Plan} options.plan
 * @param {string} options.cache
 * @param {Tools} options.tools
 * @param {import('./report.mjs').Report} options.report
 * @returns {Promise<{ folder: string, tensorflow: string }>}
 */
export async function build({ system, plan, cache, tools, report }) {
  removeWork(cache);
  const work = fs.mkdtempSync(path.join(cache, AT_WORK));
  try {
    const libraries = path.join(cache, plan.libraries);
    const addon = path.join(cache, plan.addon);
    // What is missing is said before a long download, not after it.
    const compiler = await tools.findCompiler(system.env);
    const source = fs.existsSync(addon) ? undefined : patchedBinding(plan.binding, work);
    if (plan.build !== undefined && readStamp(libraries) === undefined) {
      await fetchLibraries({ system, build: plan.build, cache, work, libraries, tools, report });
    }
    if (source !== undefined) {
      await report.step('compile', async () => {
        const out = path.join(work, 'addon');
        fs.mkdirSync(out);
        const mac = system.platform === 'darwin';
        const all = commands({
          platform: system.platform,
          binding: source,
          headers: plan.headers,
          helper: HELPER,
          tensorflow: plan.own ?? path.join(libraries, 'tensorflow'),
          // Relative, so that both folders can be moved together.
          runPath: plan.own ?? `${mac ? '@loader_path' : '$ORIGIN'}/../${plan.libraries}/tensorflow`,
          out,
        });
        await tools.compile(compiler, all, { env: system.env, out });
        fs.renameSync(out, addon);
        return { value: undefined, note: `the addon, with ${compiler.join(' ')}` };
      });
    }
    linkTo(plan.link, addon);
    const { version } = await report.step('check', async () => {
      try {
        const value = await tools.probe({ binding: plan.binding, addon, env: system.env });
        const device = value.gpu ? ' on the GPU' : '';
        return { value, note: `TensorFlow ${value.version} multiplies two matrices${device}` };
      } catch (error) {
        fs.rmSync(plan.link, { force: true });
        fs.rmSync(addon, { recursive: true, force: true });
        throw error;
      }
    });
    writeStamp(addon, { tensorflow: version });
    return { folder: addon, tensorflow: version };
  } finally {
    remove(work);
  }
}

/**
 * A copy of what the addon is compiled from, mended.
 *
 * @param {string} binding folder of tfjs-node
 * @param {string} work
 * @returns {string} the folder that stands for tfjs-node's
 */
function patchedBinding(binding, work) {
  const source = path.join(work, 'source');
  fs.cpSync(path.join(binding, 'binding'), path.join(source, 'binding'), { recursive: true });
  patchFiles(source, fs.readFileSync(PATCH, 'utf8'));
  return source;
}

/**
 * Puts TensorFlow's libraries and headers into `libraries`, laid out as in Python's site-packages, where they find
 * each other.
 *
 * @param {object} options
 * @param {import('./plan.mjs').System} options.system
 * @param {import('./wheels.mjs').Build} options.build
 * @param {string} options.cache
 * @param {string} options.work
 * @param {string} options.libraries
 * @param {Tools} options.tools
 * @param {import('./report.mjs').Report} options.report
 */
async function fetchLibraries({ system, build: wanted, cache, work, libraries, tools, report }) {
  const { env } = system;
  const misfit = tools.misfit();
  if (misfit !== undefined) throw new NotAvailable(misfit);
  const given = env['MSL_WHEEL'] === undefined || env['MSL_WHEEL'] === '' ? undefined : env['MSL_WHEEL'];
  const givenFor = given === undefined ? undefined : wheelOf(given, wanted.wheels);
  const toFetch = wanted.wheels.filter(
    (wheel) => wheel !== givenFor && !fs.existsSync(path.join(cache, wheel.file)),
  );
  const python = await tools.findPython(env, { needsPip: toFetch.length > 0 });
  fs.rmSync(libraries, { recursive: true, force: true });
  assureSpace(cache, wanted.space, tools);

  const unpacked = path.join(work, 'unpacked');
  fs.mkdirSync(unpacked);
  for (const wheel of wanted.wheels) {
    const file =
      wheel === givenFor && given !== undefined
        ? await checkGiven(given, wheel, report)
        : await obtain({ wheel, python: python.command, cache, work, env, tools, report });
    await report.step('unpack', async (update) => {
      const value = await tools.unpackWheel({
        wheel: file,
        folder: unpacked,
        python: python.command,
        env,
        onBytes: update,
      });
      return { value, note: `${megabytes(value)} of ${wheel.requirement}` };
    });
    if (file !== given) fs.rmSync(file);
  }
  writeStamp(unpacked);
  fs.renameSync(unpacked, libraries);
}

/**
 * A wheel as a checked file in the cache. A set-up that is killed afterwards finds it there again.
 *
 * @param {object} options
 * @param {import('./wheels.mjs').Wheel} options.wheel
 * @param {string} options.python
 * @param {string} options.cache
 * @param {string} options.work
 * @param {NodeJS.ProcessEnv} options.env
 * @param {Tools} options.tools
 * @param {import('./report.mjs').Report} options.report
 * @returns {Promise<string>}
 */
async function obtain({ wheel, python, cache, work, env, tools, report }) {
  const kept = path.join(cache, wheel.file);
  if (fs.existsSync(kept)) {
    try {
      await verifyWheel(kept, wheel);
      return kept;
    } catch {
      fs.rmSync(kept);
    }
  }
  return await report.step('download', async (update) => {
    const folder = path.join(work, wheel.sha256.slice(0, 8));
    const file = await tools.downloadWheel({
      wheel,
      python,
      folder,
      env,
      onBytes: (bytes) => update(bytes, wheel.bytes),
    });
    const { size } = fs.statSync(file);
    fs.renameSync(file, kept);
    return { value: kept, note: `${megabytes(size)}, ${wheel.file}` };
  });
}

/**
 * @param {string} file
 * @param {import('./wheels.mjs').Wheel} wheel
 * @param {import('./report.mjs').Report} report
 */
async function checkGiven(file, wheel, report) {
  if (!fs.existsSync(file)) throw new WrongUse(`MSL_WHEEL is ${file}, which does not exist.`);
  return await report.step('verify', async () => {
    try {
      await verifyWheel(file, wheel);
    } catch (error) {
      throw error instanceof NotAvailable ? new WrongUse(`MSL_WHEEL: ${error.message}.`) : error;
    }
    return { value: file, note: file };
  });
}

/**
 * @param {string} cache
 * @param {number} needed bytes
 * @param {Tools} tools
 */
function assureSpace(cache, needed, tools) {
  const free = tools.freeBytes(cache);
  if (free < needed) {
    throw new NotAvailable(
      `the disk of ${cache} has ${megabytes(free)} free and TensorFlow needs ${megabytes(needed)}; free some ` +
        'space there, or name a folder on another disk in MSL_CACHE',
    );
  }
}

/**
 * Removes what dead set-ups left behind.
 *
 * @param {string} cache
 */
function removeWork(cache) {
  for (const entry of fs.readdirSync(cache)) if (entry.startsWith(AT_WORK)) remove(path.join(cache, entry));
}

/** @param {string} folder */
function remove(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {
    // A program of a killed set-up is still writing there. The next set-up removes the rest.
  }
}

// @ts-check
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { FLAGS } from './addon.mjs';
import { NotAvailable, WrongUse } from './errors.mjs';
import { cacheFolders } from './folders.mjs';
import { installed, isCheckout } from './packages.mjs';
import { TENSORFLOW_VERSION, buildFor } from './wheels.mjs';

/** The engines, from the fastest to the slowest. */
export const ENGINES = /** @type {const} */ (['tensorflow', 'wasm', 'cpu']);

/** @typedef {(typeof ENGINES)[number]} EngineName */

/**
 * The machine and the project, and what the user said. Everything that the set-up does follows from this.
 *
 * @typedef {object} System
 * @property {string} root the project
 * @property {NodeJS.ProcessEnv} env
 * @property {string} platform
 * @property {string} arch
 * @property {string} home
 * @property {'cpu' | 'gpu' | undefined} variant what was asked for; undefined: GPU where that build is there
 */

/**
 * What is to be built and where.
 *
 * @typedef {object} Plan
 * @property {'cpu' | 'gpu' | 'own'} variant
 * @property {string} title
 * @property {import('./wheels.mjs').Build | undefined} build undefined for a TensorFlow of the user's own
 * @property {string | undefined} own its folder
 * @property {readonly string[]} caches where it may lie, best place first
 * @property {string} libraries name of TensorFlow's folder within a cache
 * @property {string} addon name of the addon's folder within a cache
 * @property {string} key
 * @property {string} binding tfjs-node's package
 * @property {string} headers node-api-headers' package
 * @property {string} link the path that leads to the addon
 */

export const HELPER = fileURLToPath(new URL('./native/quiet.c', import.meta.url));
/** What is mended in tfjs-node's binding. */
export const PATCH = fileURLToPath(new URL('./native/binding.patch', import.meta.url));

/**
 * The engine that `MSL_ENGINE` names.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {EngineName | undefined} undefined where it names none
 * @throws {WrongUse} for a name that is no engine
 */
export function engineAskedFor(env) {
  const name = env['MSL_ENGINE'];
  if (name === undefined || name === '') return undefined;
  const engine = ENGINES.find((known) => known === name);
  if (engine === undefined) {
    throw new WrongUse(`MSL_ENGINE is '${name}', which is no engine; the engines are ${ENGINES.join(', ')}.`);
  }
  return engine;
}

/**
 * @param {System} system
 * @returns {Plan}
 * @throws {NotAvailable} where there is no TensorFlow for this machine
 * @throws {WrongUse} where the folder in `MSL_TENSORFLOW` holds none
 */
export function planFor(system) {
  const { root, env, platform, arch } = system;
  const named = env['MSL_TENSORFLOW'];
  const own = named === undefined || named === '' ? undefined : ownTensorFlow(named, platform);
  const caches = cacheFolders(system);
  const variant = own === undefined ? (system.variant ?? variantInCache(caches, platform, arch)) : 'own';
  const build = variant === 'own' ? undefined : buildFor(platform, arch, variant);
  if (own === undefined && build === undefined) {
    throw new NotAvailable(
      `there is no TensorFlow library for ${platform} ${arch}${variant === 'gpu' ? ' with CUDA' : ''}`,
    );
  }
  const binding = installed(root, '@tensorflow/tfjs-node');
  const headers = installed(root, 'node-api-headers');
  if (binding === undefined || headers === undefined) {
    throw new WrongUse(
      isCheckout(root)
        ? `The packages are not installed in ${root}: run \`npm ci\` there.`
        : `${root} is not complete: install the package again.`,
    );
  }
  const napi = Math.max(...(binding.description.binary?.napi_versions ?? [8]));
  const key = createHash('sha256')
    .update(
      JSON.stringify([
        own === undefined ? build?.wheels.map((wheel) => wheel.sha256) : ownIdentity(own, platform),
        [binding.description.version, headers.description.version],
        FLAGS,
        ...[HELPER, PATCH].map((file) => fs.readFileSync(file, 'utf8')),
      ]),
    )
    .digest('hex')
    .slice(0, 8);
  const name = `${own === undefined ? `${TENSORFLOW_VERSION}-` : ''}${variant}-${platform}-${arch}`;
  return {
    variant,
    title: own === undefined ? `TensorFlow ${TENSORFLOW_VERSION} (${variant})` : `the TensorFlow in ${own}`,
    build,
    own,
    caches,
    libraries: librariesName(variant, platform, arch),
    addon: `addon-${name}-${key}`,
    key,
    binding: binding.folder,
    headers: headers.folder,
    link: path.join(binding.folder, 'lib', `napi-v${napi}`),
  };
}

/**
 * File names of the two libraries.
 *
 * @param {string} platform
 */
export function libraryNames(platform) {
  return ['cc', 'framework'].map((part) =>
    platform === 'darwin' ? `libtensorflow_${part}.2.dylib` : `libtensorflow_${part}.so.2`,
  );
}

/**
 * @param {string} variant
 * @param {string} platform
 * @param {string} arch
 */
function librariesName(variant, platform, arch) {
  return `tensorflow-${TENSORFLOW_VERSION}-${variant}-${platform}-${arch}`;
}

/**
 * Who has once asked for the CUDA build keeps it, until it is taken away by `--cpu`.
 *
 * @param {readonly string[]} caches
 * @param {string} platform
 * @param {string} arch
 */
function variantInCache(caches, platform, arch) {
  const name = librariesName('gpu', platform, arch);
  return caches.some((cache) => fs.existsSync(path.join(cache, name))) ? 'gpu' : 'cpu';
}

/**
 * @param {string} named
 * @param {string} platform
 */
function ownTensorFlow(named, platform) {
  const needed = [...libraryNames(platform), path.join('include', 'tensorflow', 'c', 'c_api.h')];
  const candidates = [path.resolve(named), path.resolve(named, 'tensorflow')];
  const found = candidates.find((folder) => needed.every((file) => fs.existsSync(path.join(folder, file))));
  if (found === undefined) {
    throw new WrongUse(
      `MSL_TENSORFLOW is ${named}, which holds no TensorFlow: expected ${needed.join(', ')} ` +
        'there (the folder `tensorflow` in the site-packages of a Python that has TensorFlow).',
    );
  }
  return fs.realpathSync(found);
}

/**
 * @param {string} folder
 * @param {string} platform
 */
function ownIdentity(folder, platform) {
  return [
    folder,
    ...libraryNames(platform).map((name) => {
      const { size, mtimeMs } = fs.statSync(path.join(folder, name));
      return [size, mtimeMs];
    }),
  ];
}

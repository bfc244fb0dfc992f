import Module, { createRequire } from 'node:module';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { tf } from './tf.ts';
import { correctAveragePooling } from './corrections/averagePooling.ts';
import { correctSeparable } from './corrections/separable.ts';
import { correctStrided1x1 } from './corrections/strided1x1.ts';
import { UsageError, UserError } from './errors.ts';
import { unknownName } from './nearest.ts';
import { vectorInstructions } from './precision/processor.ts';
import { startWasm } from './wasm/backend.ts';

/** The engines, from the fastest to the slowest. */
export const ENGINES = ['tensorflow', 'wasm', 'cpu'] as const;

/** What computes: the TensorFlow library, TensorFlow.js on WebAssembly, or TensorFlow.js in plain JavaScript. */
export type EngineName = (typeof ENGINES)[number];

/** The engine that this process uses. */
export interface Engine {
  readonly name: EngineName;
  /** Version of TensorFlow, or of TensorFlow.js for the other two. */
  readonly version: string;
  /** Whether operations run on a GPU. */
  readonly gpu: boolean;
  /** Threads within an operation. Part of a run's specification, since sums depend on it. */
  readonly threads: number;
  /** Whether TensorFlow computes with oneDNN's kernels; without it TensorFlow decides by the processor. */
  readonly oneDnn?: boolean;
  /** Why a slower engine than TensorFlow is used, where nobody asked for it. */
  readonly reason?: string;
}

export interface LoadOptions {
  /** Which engine; default `MSL_ENGINE`, else TensorFlow where it is set up, else wasm. */
  readonly engine?: EngineName;
  /** Threads within an operation; default 2, on every machine, so that one seed gives one result. */
  readonly threads?: number;
}

/** The default of {@link LoadOptions.threads}. */
export const DEFAULT_THREADS = 2;

const require = createRequire(import.meta.url);
let loaded: Promise<Engine> | undefined;

/**
 * Loads the engine, once per process; later calls return the same one.
 *
 * @throws {UserError} for an unknown `MSL_ENGINE`, for an engine or a number of threads other than those already
 * loaded, and where TensorFlow was asked for by name and does not load.
 */
export async function loadEngine(options: LoadOptions = {}): Promise<Engine> {
  const wanted = options.engine ?? engineFromEnvironment();
  loaded ??= start(wanted, options.threads ?? DEFAULT_THREADS);
  const loading = loaded;
  const engine = await loading.catch((error: unknown) => {
    // Another engine can be asked for, or the same one when it has been set up.
    if (loaded === loading) loaded = undefined;
    throw error;
  });
  if (wanted !== undefined && wanted !== engine.name) {
    throw new UserError(
      `This process runs on the engine '${engine.name}' and cannot change to '${wanted}': start a new process.`,
    );
  }
  if (options.threads !== undefined && engine.name === 'tensorflow' && options.threads !== engine.threads) {
    throw new UserError(
      `TensorFlow was loaded with ${engine.threads} threads and cannot change to ${options.threads}: ` +
        'start a new process.',
    );
  }
  return engine;
}

function engineFromEnvironment(): EngineName | undefined {
  const name = process.env['MSL_ENGINE'];
  if (name === undefined || name === '') return undefined;
  const engine = ENGINES.find((e) => e === name);
  if (engine === undefined) {
    throw new UsageError(`MSL_ENGINE: ${unknownName('engine', name, ENGINES)}`);
  }
  return engine;
}

async function start(wanted: EngineName | undefined, threads: number): Promise<Engine> {
  silenceBanner();
  correctSeparable();
  let reason: string | undefined;
  if (wanted === undefined || wanted === 'tensorflow') {
    try {
      const library = loadTensorFlow(threads);
      await tf.ready();
      correctStrided1x1();
      return { name: 'tensorflow', ...library, threads };
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      if (wanted === 'tensorflow') throw new UserError(`TensorFlow cannot be used: ${reason}`);
    }
  }
  standInForTensorFlow();
  if (wanted === 'cpu') await tf.setBackend('cpu');
  else await startWasm();
  await tf.ready();
  correctAveragePooling(wanted ?? 'wasm');
  return {
    name: wanted ?? 'wasm',
    version: tf.version_core,
    gpu: false,
    threads: 1,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The command that sets up TensorFlow: a checkout runs this file, an installed package the JavaScript of it. */
const SETUP = import.meta.url.endsWith('.ts') ? 'npm run setup' : 'npx msl setup';

/** Loads the addon that the set-up built. */
function loadTensorFlow(threads: number): Pick<Engine, 'version' | 'gpu' | 'oneDnn'> {
  const addon = path.join(tensorFlowPackage(), 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(addon)) throw new Error(`it is not set up; \`${SETUP}\` does that.`);
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads);
  process.env['TF_NUM_INTEROP_THREADS'] = String(threads);
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const oneDnn = chooseOneDnn();
  replaceNodeUtil();
  const restoreOutput = muteWhileLoading(path.dirname(realpathSync(addon)));
  try {
    require('@tensorflow/tfjs-node');
    restoreOutput();
  } catch (error) {
    process.stderr.write(restoreOutput());
    throw error;
  }
  const backend = tf.backend() as unknown as {
    binding: { TF_Version: string };
    isUsingGpuDevice: boolean;
  };
  return {
    ...{ version: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice },
    ...(oneDnn === undefined ? {} : { oneDnn }),
  };
}

/**
 * Has TensorFlow compute with oneDNN's kernels wherever there is AVX2. By itself it leaves them off on x64 processors without
 * AVX512-VNNI, AVX-VNNI or AMX (AMD before Zen 4, Intel before Cascade Lake), where they train up to twice as fast; the one
 * that is wrong there is not used (`correctStrided1x1`).
 *
 * @returns whether oneDNN was asked for or switched off; `undefined` where TensorFlow decides
 */
function chooseOneDnn(): boolean | undefined {
  if (vectorInstructions()?.includes('avx2')) process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  const set = process.env['TF_ENABLE_ONEDNN_OPTS'];
  return set === undefined ? undefined : ['1', 'true'].includes(set.toLowerCase());
}

function tensorFlowPackage(): string {
  return path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
}

/** tfjs-node 4.22 calls two functions of which Node 22 warns, and one of which Node 23 removed: the same, without a warning. */
function replaceNodeUtil(): void {
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  util['isArray'] = (value: unknown) => Array.isArray(value);
}

/**
 * TensorFlow's static initialisers write two lines to standard error whatever its log level is. The set-up builds
 * a small addon beside the binding that holds the stream back and returns what it held, to be shown if loading fails.
 */
function muteWhileLoading(folder: string): () => string {
  const file = path.join(folder, 'quiet.node');
  if (!existsSync(file)) return () => '';
  const quiet = require(file) as { mute(): void; restore(): string };
  quiet.mute();
  return () => quiet.restore();
}

/** tfjs greets on the first tensor of its JavaScript backend ("Hi, looks like you are running ..."). */
function silenceBanner(): void {
  const backend = tf.findBackend('cpu') as { firstUse?: boolean } | null;
  if (backend !== null) backend.firstUse = false;
}

/** Without the addon, whoever requires tfjs-node (danfojs does) gets TensorFlow.js itself. */
function standInForTensorFlow(): void {
  const loader = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...rest) =>
    resolve.call(loader, request === '@tensorflow/tfjs-node' ? '@tensorflow/tfjs' : request, ...rest);
}

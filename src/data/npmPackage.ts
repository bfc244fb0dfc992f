import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { makeFolder } from '../engine/index.ts';
import { projectRoot } from './projectRoot.ts';

/** A package in exactly one version. */
export interface PackageVersion {
  readonly package: string;
  readonly version: string;
}

/** Why npm could not help; the message says what was asked of it and its answer. */
export class NpmError extends Error {
  override readonly name = 'NpmError';
}

/** npm's own retries take over a minute where there is no network at all. */
const IMPATIENT = ['--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=2000'];

/**
 * The address of a package's tarball in the user's registry, as npm itself finds it: with the registry, the proxy
 * and the credentials of its configuration.
 *
 * @throws {NpmError}
 */
export async function locateTarball(wanted: PackageVersion, signal?: AbortSignal): Promise<string> {
  const spec = `${wanted.package}@${wanted.version}`;
  const output = await runNpm(['view', spec, 'dist.tarball', '--json'], signal);
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    value = undefined;
  }
  // Some versions of npm answer with a list, one element for each version that fits.
  const url: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof url !== 'string' || !URL.canParse(url)) {
    throw new NpmError(
      `npm names no tarball of ${spec}: it answered ${JSON.stringify(output.slice(0, 200))}`,
    );
  }
  return url;
}

/**
 * Lets npm download a package's tarball to `file`. Not resumable and without progress, but it goes wherever npm goes:
 * registries that want a token, proxies and certificates that only npm's configuration knows.
 *
 * @throws {NpmError}
 */
export async function packTarball(wanted: PackageVersion, file: string, signal?: AbortSignal): Promise<void> {
  const folder = `${file}.pack`;
  await rm(folder, { recursive: true, force: true });
  makeFolder(folder);
  const spec = `${wanted.package}@${wanted.version}`;
  await runNpm(['pack', spec, '--ignore-scripts', '--pack-destination', folder], signal);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new NpmError(`npm pack ${spec} left no tarball`);
  await rename(join(folder, tarball), file);
  await rm(folder, { recursive: true, force: true });
}

/** Runs npm in the project's folder, whose .npmrc may name the registry; its standard output. */
async function runNpm(args: readonly string[], signal?: AbortSignal): Promise<string> {
  const [command, ...first] = npmCommand();
  const child = spawn(command, [...first, ...args, ...IMPATIENT], {
    cwd: projectRoot(),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    // npm on Windows is a .cmd file, which only a shell starts.
    shell: process.platform === 'win32' && command === 'npm',
  });
  const asked = `npm ${args.slice(0, 2).join(' ')}`;
  const output: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', (error) => {
      if (signal?.aborted === true) reject(signal.reason as Error);
      else reject(new NpmError(`${asked} cannot be run (${error.message})`, { cause: error }));
    });
  });
  if (status !== 0) throw new NpmError(`${asked} failed: ${lastError(output.stderr)}`);
  return output.stdout;
}

/** The command that starts npm: the one that started this process, else the one beside Node, else that of the PATH. */
function npmCommand(): [string, ...string[]] {
  const started = process.env['npm_execpath'];
  if (started !== undefined && /^npm(-cli)?\.c?js$/.test(basename(started)) && existsSync(started)) {
    return [process.execPath, started];
  }
  const beside = dirname(process.execPath);
  const cli = ['node_modules', '../lib/node_modules']
    .map((folder) => join(beside, folder, 'npm', 'bin', 'npm-cli.js'))
    .find((file) => existsSync(file));
  return cli === undefined ? ['npm'] : [process.execPath, cli];
}

/** The telling line of npm's error output. */
function lastError(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!)\s+(.*\S)/.exec(line)?.[1] ?? []);
  return lines.find((line) => !/^(code|syscall|errno) /.test(line)) ?? lines[0] ?? 'it gave no reason';
}

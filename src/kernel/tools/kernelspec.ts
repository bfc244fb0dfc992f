/** The kernelspec: how Jupyter learns of the kernel. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { z } from 'zod';

import { ToolError } from './toolError.ts';

export interface Place {
  readonly user?: boolean;
  readonly sysPrefix?: boolean;
  readonly prefix?: string;
}

/** What is read of a kernelspec. */
const SPEC = z.object({
  argv: z.array(z.string()),
  display_name: z.string(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type Spec = Readonly<z.infer<typeof SPEC>>;

/** In the metadata of a kernelspec that `install` wrote. */
const OURS = 'msl-kernel';

/**
 * The kernel's own flags of Node: stack traces in TypeScript, and no word of punycode, which packages still load, or of
 * a rejected promise for which only a later cell waits.
 */
const FLAGS = [
  '--enable-source-maps',
  '--disable-warning=DEP0040',
  '--disable-warning=PromiseRejectionHandledWarning',
  // Three times this is what V8 holds for new values, and fills before it looks for old garbage: 24 MB rather than 48.
  '--max-semi-space-size=8',
];

/** The program that a kernelspec starts: in the sources and in a build alike. */
export const START = path.join(import.meta.dirname, '..', 'start.cjs');

/** The user's folder of Jupyter. */
function userFolder(env: NodeJS.ProcessEnv): string {
  const own = env['JUPYTER_DATA_DIR'];
  if (own) return own;
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Jupyter');
  if (process.platform === 'win32') return path.join(env['APPDATA'] ?? os.homedir(), 'jupyter');
  return path.join(env['XDG_DATA_HOME'] ?? path.join(os.homedir(), '.local', 'share'), 'jupyter');
}

/** The environment of Python that is active, or that of the Python that is found. */
function pythonPrefix(env: NodeJS.ProcessEnv): string {
  const active = env['VIRTUAL_ENV'] ?? env['CONDA_PREFIX'];
  if (active) return active;
  for (const python of ['python3', 'python']) {
    const { status, stdout } = spawnSync(python, ['-c', 'import sys; print(sys.prefix)'], {
      encoding: 'utf8',
      env,
    });
    if (status === 0) return stdout.trim();
  }
  throw new ToolError('--sys-prefix needs a Python; none was found. --prefix DIR names its folder.');
}

/** The folder that holds the kernelspecs. */
function kernelsFolder({ sysPrefix, prefix }: Place, env = process.env): string {
  const data =
    prefix !== undefined
      ? path.resolve(prefix, 'share', 'jupyter')
      : sysPrefix === true
        ? path.join(pythonPrefix(env), 'share', 'jupyter')
        : userFolder(env);
  return path.join(data, 'kernels');
}

/** Every folder in which Jupyter looks for kernelspecs, the first one first. */
export function allKernelsFolders(env = process.env): string[] {
  const named = (env['JUPYTER_PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const active = env['VIRTUAL_ENV'] ?? env['CONDA_PREFIX'];
  const system =
    process.platform === 'win32'
      ? [path.join(env['PROGRAMDATA'] ?? 'C:\\ProgramData', 'jupyter')]
      : ['/usr/local/share/jupyter', '/usr/share/jupyter'];
  const data = [
    ...named,
    userFolder(env),
    ...(active ? [path.join(active, 'share', 'jupyter')] : []),
    ...system,
  ];
  return [...new Set(data.map((folder) => path.join(folder, 'kernels')))];
}

/** The kernelspec of a folder; undefined where there is none with which a kernel could be started. */
function readSpec(folder: string): Spec | undefined {
  try {
    return SPEC.safeParse(JSON.parse(fs.readFileSync(path.join(folder, 'kernel.json'), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whether a kernelspec starts this kernel, wherever it was installed from. */
const isOurs = (spec: Spec): boolean =>
  spec.metadata?.[OURS] !== undefined || spec.argv.some((arg) => /[/\\]kernel[/\\]start\.cjs$/.test(arg));

export interface InstallOptions extends Place {
  readonly name: string;
  readonly displayName: string;
  readonly node?: string;
  readonly force?: boolean;
}

/** Writes the kernelspec and returns its folder. */
export function install(options: InstallOptions, env = process.env): string {
  const { name, displayName, node = process.execPath, force = false } = options;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new ToolError(
      `A kernel's name has letters, digits and . _ - only, not ${JSON.stringify(name)}.`,
      2,
    );
  }
  const program = path.resolve(node);
  if (!fs.existsSync(program)) throw new ToolError(`${node}: there is no such Node.js.`);
  if (!fs.existsSync(START)) throw new ToolError(`${START} is missing: install the package again.`);
  const kernels = kernelsFolder(options, env);
  const folder = path.join(kernels, name);
  const there = readSpec(folder);
  if (fs.existsSync(folder) && !force && !(there && isOurs(there))) {
    throw new ToolError(
      `${folder} holds another kernel (${there?.display_name ?? 'unknown'}). Choose another --name, or --force.`,
    );
  }
  const spec = {
    argv: [program, ...FLAGS, START, '{connection_file}'],
    display_name: displayName,
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false, [OURS]: { node: process.version } },
  };
  const part = `${folder}.${process.pid}`;
  try {
    fs.mkdirSync(part, { recursive: true });
    fs.writeFileSync(path.join(part, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
    const logos = logosFolder();
    for (const logo of logos === undefined
      ? []
      : fs.readdirSync(logos).filter((file) => file.startsWith('logo-'))) {
      fs.copyFileSync(path.join(logos!, logo), path.join(part, logo));
    }
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(part, folder);
  } catch (error) {
    fs.rmSync(part, { recursive: true, force: true });
    throw new ToolError(
      `${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  return folder;
}

/** Removes the kernelspec and returns its folder. */
export function uninstall(options: Place & { readonly name: string }, env = process.env): string {
  const kernels = kernelsFolder(options, env);
  const folder = path.join(kernels, options.name);
  const spec = readSpec(folder);
  if (spec === undefined) {
    const own = specsIn(kernels).map(({ name }) => name);
    throw new ToolError(
      `There is no kernel ${options.name} in ${kernels}${own.length > 0 ? `; there is ${own.join(', ')}` : ''}.`,
    );
  }
  if (!isOurs(spec)) throw new ToolError(`${folder} is another kernel (${spec.display_name}).`);
  fs.rmSync(folder, { recursive: true });
  return folder;
}

/** The kernelspecs in a folder that start this kernel. */
export function specsIn(kernels: string): { name: string; folder: string; spec: Spec }[] {
  if (!fs.existsSync(kernels)) return [];
  return fs.readdirSync(kernels).flatMap((name) => {
    const folder = path.join(kernels, name);
    const spec = readSpec(folder);
    return spec && isOurs(spec) ? [{ name, folder, spec }] : [];
  });
}

/** What keeps a kernelspec from working; undefined where nothing does. */
export function problemOf(folder: string, { argv }: Spec): string | undefined {
  const [node = '', ...args] = argv;
  if (path.isAbsolute(node) && !fs.existsSync(node)) return `${node} is gone`;
  const start = args.find((arg) => arg.endsWith('start.cjs'))?.replace('{resource_dir}', folder);
  return start !== undefined && !fs.existsSync(start) ? `${path.normalize(start)} is gone` : undefined;
}

/** The package's own kernelspec has the logos. */
function logosFolder(): string | undefined {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const logos = path.join(folder, 'jupyter', 'kernels', 'tslab');
    if (fs.existsSync(logos)) return logos;
    if (folder === path.dirname(folder)) return undefined;
  }
}

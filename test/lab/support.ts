import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const script = (name: string): Promise<unknown> =>
  import(pathToFileURL(path.join(root, 'scripts', 'lab', name)).href);

/** The notebooks' Python and the environment to start it in; a text where there is none. */
export async function lab(): Promise<{ python: string; env: NodeJS.ProcessEnv } | string> {
  const { ensureLab } = (await script('environment.mjs')) as {
    ensureLab: (options: { root: string }) => Promise<string>;
  };
  const { jupyterEnvironment } = (await script('jupyter.mjs')) as {
    jupyterEnvironment: (root: string) => NodeJS.ProcessEnv;
  };
  try {
    return { python: await ensureLab({ root }), env: jupyterEnvironment(root) };
  } catch (error) {
    if (error instanceof Error && error.name === 'WrongUse') return error.message;
    throw error;
  }
}

export interface Outcome {
  readonly status: number | null;
  readonly text: string;
}

/** Runs a program to its end; its standard output and error together. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly interruptAt?: RegExp } = {},
): Promise<Outcome> {
  const { cwd = root, env = process.env, interruptAt } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        const seen = interruptAt?.test(text) === true;
        text += part.toString();
        if (!seen && interruptAt?.test(text) === true) child.kill('SIGINT');
      });
    }
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, text });
    });
  });
}

export interface Notebook {
  readonly cells: readonly {
    readonly source: string | readonly string[];
    readonly outputs?: readonly Readonly<Record<string, unknown>>[];
    readonly metadata: { readonly tags?: readonly string[] };
  }[];
}

/** A folder for notebooks. */
export class Folder {
  readonly path = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-notebooks-')));

  /** Writes a notebook of code cells; a cell that begins with `// tag` has that tag. */
  write(name: string, cells: readonly string[], kernel = 'tslab'): string {
    const file = path.join(this.path, name);
    const notebook = {
      cells: cells.map((source, i) => ({
        cell_type: 'code',
        id: `cell-${i}`,
        metadata: source.startsWith('// parameters') ? { tags: ['parameters'] } : {},
        execution_count: null,
        outputs: [],
        source,
      })),
      metadata: {
        kernelspec: { name: kernel, display_name: 'TypeScript', language: 'typescript' },
        language_info: { name: 'typescript' },
      },
      nbformat: 4,
      nbformat_minor: 5,
    };
    fs.writeFileSync(file, JSON.stringify(notebook));
    return file;
  }

  read(name: string): Notebook {
    return JSON.parse(fs.readFileSync(path.join(this.path, name), 'utf8')) as Notebook;
  }

  remove(): void {
    fs.rmSync(this.path, { recursive: true, force: true });
  }
}

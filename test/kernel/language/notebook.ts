/** A project of its own and a small runtime for converted cells: what main does, without threads. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { assignedSince, Boxes, link, uninitialised } from '../../../src/kernel/execution/boxes.ts';
import { interop, Modules } from '../../../src/kernel/execution/modules.ts';
import {
  createLanguage,
  type Converted,
  type LanguageMethods,
} from '../../../src/kernel/language/language.ts';
import { findProject } from '../../../src/kernel/language/project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

Object.defineProperty(globalThis, 'resume·', { value: <T>(value: T): T => value });
Object.defineProperty(globalThis, 'stop·', { value: new Int32Array(1) });

export interface Scratch {
  readonly folder: string;
  /** Writes a file of the project. */
  put(name: string, text: string): string;
  remove(): void;
}

/** A project with this one's packages; `options` change its compiler settings. */
export function createScratch(options: object = {}): Scratch {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-language-')));
  for (const name of ['src', 'notebooks']) fs.mkdirSync(path.join(folder, name));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const put = (name: string, text: string): string => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  };
  const { compilerOptions } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object;
  };
  put(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { ...compilerOptions, erasableSyntaxOnly: false, ...options } }),
  );
  put(
    'package.json',
    JSON.stringify({
      name: 'scratch',
      type: 'module',
      imports: { '#src/*': './src/*' },
      exports: { './*': './src/*.ts' },
    }),
  );
  return {
    folder,
    put,
    remove: () => {
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

export class CellError extends Error {
  readonly converted: Converted;
  constructor(converted: Converted) {
    super(converted.diagnostics.map(({ message }) => message).join('\n'));
    this.converted = converted;
  }
}

/** Runs cells one after another. */
export class Notebook {
  readonly language: LanguageMethods;
  readonly boxes = new Boxes();
  readonly modules: Modules;
  last: Converted | undefined;
  private count = 0;

  constructor(scratch: Scratch) {
    const project = findProject(path.join(scratch.folder, 'notebooks'));
    this.language = createLanguage(project);
    this.modules = new Modules({ root: project.root, notebooks: project.notebooks }, this.language);
  }

  /** Runs a cell; gives the value of its last expression. */
  async run(code: string): Promise<unknown> {
    const cell = `In[${++this.count}]`;
    const converted = (this.last = this.language.convert(code, { cell }));
    this.modules.forget(converted.changed);
    if (converted.code === undefined) throw new CellError(converted);
    const before = new Map(converted.declared.map((name) => [name, this.boxes.value(name)]));
    let result: unknown;
    const runtime = {
      result: (value: unknown) => (result = value),
      require: this.modules.require,
      import: this.modules.import,
      interop,
      link,
      uninitialised,
      meta: { url: 'file:///notebook' },
    };
    try {
      const evaluate = (0, eval)(`${converted.code}\n//# sourceURL=${cell}`) as (
        ...args: unknown[]
      ) => unknown;
      const returned = evaluate(...converted.names.map((name) => this.boxes.get(name)), runtime);
      if (converted.isAsync) await returned;
    } catch (error) {
      this.language.keep(converted.id, assignedSince(this.boxes, before));
      throw error;
    }
    this.language.keep(converted.id, 'all');
    return result;
  }

  /** Runs cells; gives the last one's value. */
  async all(...cells: readonly string[]): Promise<unknown> {
    let value: unknown;
    for (const cell of cells) value = await this.run(cell);
    return value;
  }

  reset(): void {
    this.boxes.clear();
    this.language.reset();
  }
}

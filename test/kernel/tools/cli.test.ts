import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { cellsOf } from '../../../src/kernel/tools/documents.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-kernel-')));
after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** `msl-kernel` with a home of its own; standard output and error together. */
function kernel(...args: string[]): { status: number | null; text: string } {
  const { PATH } = process.env;
  const env = {
    ...{ PATH, HOME: folder, USERPROFILE: folder, APPDATA: path.join(folder, 'AppData') },
    VIRTUAL_ENV: path.join(folder, 'venv'),
  };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'bin', 'msl-kernel'), ...args],
    { cwd: folder, env, encoding: 'utf8', timeout: 240_000 },
  );
  return { status, text: stdout + stderr };
}

interface Spec {
  readonly argv: string[];
  readonly display_name: string;
  readonly language: string;
  readonly interrupt_mode: string;
  readonly metadata: { readonly debugger: boolean };
}
const specIn = (...parts: string[]): Spec =>
  JSON.parse(fs.readFileSync(path.join(folder, ...parts, 'kernel.json'), 'utf8')) as Spec;

describe('msl-kernel install', () => {
  test('into an environment: the kernelspec starts this Node with this kernel, and has logos', () => {
    const { status, text } = kernel('install', '--prefix', 'env');
    assert.equal(status, 0, text);
    const spec = specIn('env', 'share', 'jupyter', 'kernels', 'typescript');
    assert.equal(spec.argv[0], process.execPath);
    assert.equal(spec.argv.at(-1), '{connection_file}');
    const start = spec.argv.find((arg) => arg.endsWith('start.cjs'));
    assert.ok(start !== undefined && fs.existsSync(start));
    assert.deepEqual(
      [spec.display_name, spec.language, spec.interrupt_mode, spec.metadata.debugger],
      ['TypeScript', 'typescript', 'message', false],
    );
    const files = fs.readdirSync(path.join(folder, 'env', 'share', 'jupyter', 'kernels', 'typescript'));
    assert.deepEqual(files.sort(), ['kernel.json', 'logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg']);
  });

  test(
    'for the user, under another name; twice; and away again',
    { skip: process.platform !== 'linux' },
    () => {
      const kernels = ['.local', 'share', 'jupyter', 'kernels'];
      for (let i = 0; i < 2; i++) {
        const { status, text } = kernel('install', '--name', 'ts', '--display-name', 'Mine é');
        assert.equal(status, 0, text);
      }
      assert.equal(specIn(...kernels, 'ts').display_name, 'Mine é');
      assert.deepEqual(fs.readdirSync(path.join(folder, ...kernels)), ['ts']);
      const doctor = kernel('doctor');
      assert.equal(doctor.status, 0, doctor.text);
      assert.match(doctor.text, /^ok +kernelspec ts +/m);
      const wrong = kernel('uninstall');
      assert.equal(wrong.status, 1);
      assert.match(wrong.text, /There is no kernel typescript in .*; there is ts\./);
      assert.equal(kernel('uninstall', '--name', 'ts').status, 0);
      assert.deepEqual(fs.readdirSync(path.join(folder, ...kernels)), []);
    },
  );

  test('into the active Python environment', () => {
    assert.equal(kernel('install', '--sys-prefix').status, 0);
    assert.equal(specIn('venv', 'share', 'jupyter', 'kernels', 'typescript').language, 'typescript');
  });

  test('a kernel of somebody else is left alone', () => {
    const other = path.join(folder, 'other', 'share', 'jupyter', 'kernels', 'typescript');
    fs.mkdirSync(other, { recursive: true });
    const spec = { argv: ['deno', 'jupyter', '--kernel'], display_name: 'Deno', language: 'typescript' };
    fs.writeFileSync(path.join(other, 'kernel.json'), JSON.stringify(spec));
    const { status, text } = kernel('install', '--prefix', 'other');
    assert.equal(status, 1);
    assert.match(text, /another kernel \(Deno\)/);
    assert.equal(kernel('uninstall', '--prefix', 'other').status, 1);
    assert.equal(specIn('other', 'share', 'jupyter', 'kernels', 'typescript').display_name, 'Deno');
    assert.equal(kernel('install', '--prefix', 'other', '--force').status, 0);
    assert.equal(specIn('other', 'share', 'jupyter', 'kernels', 'typescript').display_name, 'TypeScript');
  });

  test('doctor says what is gone', { skip: process.platform !== 'linux' }, () => {
    const foreign = path.join(folder, '.local', 'share', 'jupyter', 'kernels', 'foreign');
    fs.mkdirSync(foreign, { recursive: true });
    fs.writeFileSync(path.join(foreign, 'kernel.json'), '{"display_name":"no argv"}');
    const node = path.join(folder, 'node');
    fs.writeFileSync(node, '');
    assert.equal(kernel('install', '--node', node).status, 0);
    fs.rmSync(node);
    const { status, text } = kernel('doctor');
    assert.equal(status, 1);
    assert.match(text, /^FAILED kernelspec typescript .*node is gone$/m);
  });

  test('wrong usage ends with 2', () => {
    const CASES: readonly [args: string[], says: RegExp][] = [
      [['instal'], /Did you mean install\?/],
      [['install', '--sysprefix'], /Did you mean --sys-prefix\?/],
      [['install', '--user', '--sys-prefix'], /Only one of/],
      [['check'], /missing required argument 'file'/],
    ];
    for (const [args, says] of CASES) {
      const { status, text } = kernel(...args);
      assert.equal(status, 2, text);
      assert.match(text, says);
    }
    const bad = kernel('install', '--name', 'a b');
    assert.equal(bad.status, 2);
    assert.match(bad.text, /letters, digits/);
    assert.match(kernel('--help').text, /Examples:/);
  });
});

describe('msl-kernel check', () => {
  const write = (name: string, cells: readonly string[], language = 'typescript'): string => {
    const notebook = {
      cells: cells.map((source) => ({
        cell_type: 'code',
        metadata: source.startsWith('// fails') ? { tags: ['raises-exception'] } : {},
        source: source.split(/(?<=\n)/),
      })),
      metadata: { kernelspec: { language } },
    };
    fs.writeFileSync(path.join(folder, name), JSON.stringify(notebook));
    return name;
  };

  test('cells in order, names declared anew, magics; errors by cell, line and column, and none that follow', () => {
    write('good.ipynb', [
      'const x: number = 1',
      '%time const y = x + 1',
      '!ls {y}',
      "const x = 'now text'",
      'x.toUpperCase() + (await Promise.resolve(y)).toFixed(2)',
      '%%bash\nthis is no TypeScript (',
      '// fails\nconst never: string = 5',
    ]);
    write('bad.ipynb', [
      'const a = 1',
      '',
      'const b: string = a\nconst c = 2',
      'b.length + c',
      'const d: boolean = a\n',
      '%tiem a',
    ]);
    write('python.ipynb', ['import os'], 'python');
    fs.writeFileSync(
      path.join(folder, 'doc.md'),
      '# a\n\n```ts\nconst n: number = 1;\n```\n\n```ts ignore\n(((\n```\n\n```ts\nconst s: string = n;\n```\n',
    );
    const good = kernel('check', 'good.ipynb', 'python.ipynb');
    assert.equal(good.status, 0, good.text);
    assert.match(good.text, /^python\.ipynb is in another language\.\nNo errors in 7 cells\.$/m);
    const bad = kernel('check', 'bad.ipynb', 'doc.md');
    assert.equal(bad.status, 1, bad.text);
    assert.match(bad.text, /^bad\.ipynb, cell 2:1:7 - error TS2322: .*\nconst b: string = a\n {6}~$/m);
    assert.match(bad.text, /^bad\.ipynb, cell 4:1:7 - error TS2322/m);
    assert.match(bad.text, /^bad\.ipynb, cell 5:1:1 - error: There is no magic %tiem; did you mean %time\?/m);
    assert.match(bad.text, /^doc\.md:12:7 - error TS2322/m);
    assert.match(bad.text, /^4 errors in 7 cells\.$/m);
    assert.equal(kernel('check', 'missing.ipynb').status, 1);
  });

  test('what is no notebook is named, with what is wrong', () => {
    fs.mkdirSync(path.join(folder, 'folder.ipynb'));
    fs.writeFileSync(path.join(folder, 'broken.ipynb'), '{bad');
    fs.writeFileSync(path.join(folder, 'nothing.ipynb'), '{}');
    fs.writeFileSync(path.join(folder, 'no-source.ipynb'), '{"cells":[{"cell_type":"code"}]}');
    const cases: readonly [name: string, problem: RegExp][] = [
      ['folder', /^folder\.ipynb cannot be read: EISDIR.*\.$/],
      ['broken', /^broken\.ipynb is no notebook: it is no JSON \(.*\)\.$/],
      ['nothing', /^nothing\.ipynb is no notebook: cells: .*\.$/],
      ['no-source', /^no-source\.ipynb is no notebook: cells\[0\]\.source: .*\.$/],
    ];
    for (const [name, problem] of cases) {
      assert.throws(() => cellsOf(path.join(folder, `${name}.ipynb`), `${name}.ipynb`), {
        name: 'ToolError',
        message: problem,
      });
    }
    const { status, text } = kernel('check', 'broken.ipynb');
    assert.equal(status, 1);
    assert.match(text.trim(), cases[1]![1]);
  });
});

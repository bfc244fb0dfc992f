/** Projects whose compiler options change what a cell is. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { createLanguage } from '../../../src/kernel/language/language.ts';
import { findProject } from '../../../src/kernel/language/project.ts';
import { createScratch, Notebook, type Scratch } from './notebook.ts';

async function withOptions(
  options: object,
  use: (notebook: Notebook, scratch: Scratch) => Promise<void>,
): Promise<void> {
  const scratch = createScratch(options);
  scratch.put('src/dep.ts', 'export default class Shape {}');
  const notebook = new Notebook(scratch);
  try {
    await use(notebook, scratch);
  } finally {
    notebook.language.close();
    scratch.remove();
  }
}

test('JSX with a factory of the notebook', async () => {
  await withOptions({ jsx: 'react', jsxFactory: 'h', noImplicitAny: false }, async (notebook) => {
    await notebook.run(
      'declare global { namespace JSX { interface IntrinsicElements { p: { id?: string } } } } const h = (type: unknown, props: object | null, ...children: unknown[]) => ({ type, props, children }); const Part = (_: { n: number }) => null',
    );
    assert.deepEqual(await notebook.run('<p id="a">text{1}</p>'), {
      type: 'p',
      props: { id: 'a' },
      children: ['text', 1],
    });
    assert.deepEqual(
      await notebook.run('const n = 2; const part = <Part n={n} />; [part.type === Part, part.props]'),
      [true, { n: 2 }],
    );
    assert.deepEqual(
      await notebook.run('[<Part n={n}></Part>].map(({ type, props }) => [type === Part, props])'),
      [[true, { n: 2 }]],
    );
  });
});

test('decorators of old, with metadata and helpers', async () => {
  await withOptions(
    { experimentalDecorators: true, emitDecoratorMetadata: true, importHelpers: true, noEmitHelpers: true },
    async (notebook) => {
      await notebook.run(
        'const seen: string[] = []; function log(target: object, key?: string) { seen.push(key ?? (target as { name: string }).name) }',
      );
      await notebook.run('class Dep {} import Shape from "../src/dep.ts"');
      assert.deepEqual(
        await notebook.run('@log class D { @log m(d: Dep, s: Shape, own: D) { return [d, s, own] } } seen'),
        ['m', 'D'],
      );
    },
  );
});

test('options that only concern files that are written', async () => {
  await withOptions(
    {
      outDir: 'dist',
      rootDir: 'src',
      declarationDir: 'types',
      composite: true,
      incremental: true,
      removeComments: true,
      stripInternal: true,
      isolatedDeclarations: true,
      isolatedModules: true,
      inlineSourceMap: true,
      noEmitOnError: true,
      emitDeclarationOnly: true,
      noEmit: false,
      allowImportingTsExtensions: true,
    },
    async (notebook) => {
      await notebook.run('/** Kept. @internal */\nconst a = { b: 1 }; function f() { return a }');
      assert.equal(await notebook.run('f().b'), 1);
      assert.match(notebook.language.inspect('a', 1, 0)!['text/plain']!, /Kept\./);
    },
  );
});

test('class fields as the project’s target defines them', async () => {
  const code =
    'class A { set x(v: number) { (this as { y?: number }).y = v } } class B extends A { x = 1 } "y" in new B()';
  const cell = code.replace('{ x = 1 }', '{\n// @ts-expect-error\nx = 1 }');
  await withOptions({ target: 'ES2020', noImplicitOverride: false }, async (notebook) => {
    assert.equal(await notebook.run(cell), true);
  });
  await withOptions({ target: 'ES2022', noImplicitOverride: false }, async (notebook) => {
    assert.equal(await notebook.run(cell), false);
  });
});

test('the project’s libraries', async () => {
  await withOptions({ lib: ['ES2023', 'DOM'] }, async (notebook) => {
    assert.equal(
      await notebook.run('const t = typeof document; let e: HTMLElement | undefined; t'),
      'undefined',
    );
  });
});

test('what cannot be erased: in a cell, which is compiled, but not in a module', async () => {
  await withOptions({ erasableSyntaxOnly: true }, async (notebook, scratch) => {
    assert.deepEqual(
      await notebook.run(
        'enum Level { Low = 1, High } namespace Names { export const low = Level[1] } class Pair { constructor(readonly a = 3) {} } [Level.High, Names.low, new Pair().a]',
      ),
      [2, 'Low', 3],
    );
    assert.equal(await notebook.run('Level.Low'), 1);
    scratch.put('src/level.ts', 'export enum Level { Low }');
    const { diagnostics } = notebook.language.convert("import { Level } from '../src/level.ts'; Level.Low");
    assert.deepEqual(
      diagnostics.map(({ code, line }) => [code, line]),
      [[1294, 1]],
    );
    assert.match(diagnostics[0]!.file!, /level\.ts$/);
  });
});

test('paths', async () => {
  await withOptions({ paths: { '@/*': ['./src/*'] } }, async (notebook) => {
    assert.equal(await notebook.run("import Shape from '@/dep.ts'; new Shape().constructor === Shape"), true);
  });
});

test('a folder without project or compiler settings', () => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-none-')));
  try {
    const language = createLanguage(findProject(folder));
    const { diagnostics, code } = language.convert('const a: number[] = [1]; a.at(-1)');
    assert.deepEqual(diagnostics, []);
    assert.ok(code);
    assert.equal(language.convert('function f(x) {}').diagnostics[0]?.code, 7006);
    language.close();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

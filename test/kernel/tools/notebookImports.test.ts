/** What a kernel looks at before its first cell. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';

import { notebookImports } from '../../../src/kernel/tools/notebookImports.ts';
import { createScratch, Notebook } from '../language/notebook.ts';

const scratch = createScratch();
after(() => {
  scratch.remove();
});
const code = (source: string | readonly string[]) => ({ cell_type: 'code', source });
const put = (name: string, content: unknown): string =>
  scratch.put(name, typeof content === 'string' ? content : JSON.stringify(content));

test('the imports of all code cells, each once; words about imports are none', () => {
  const file = put('notebooks/a.ipynb', {
    cells: [
      { cell_type: 'markdown', source: "import '#src/no.ts'" },
      code(["import { a } from '#src/a.ts';\n", "import type { B } from './b.ts'; // import 'c'\n"]),
      code("%time 1\n!ls\nimport { a, z } from '#src/a.ts';\nconst text = \"import 'd'\";"),
      code("const { e } = await import('e');\nexport * from \"f'\";"),
      code('let broken = ('),
    ],
  });
  const names = ['#src/a.ts', './b.ts', 'e', "f'"];
  assert.equal(notebookImports(file), names.map((name) => `import ${JSON.stringify(name)};`).join('\n'));
});

test('no file, no notebook, no imports: nothing, without an error', () => {
  const files = [
    put('notebooks/text.ipynb', 'no JSON'),
    put('notebooks/list.ipynb', []),
    put('notebooks/odd.ipynb', { cells: [{ cell_type: 'code' }] }),
    put('notebooks/without.ipynb', { cells: [code('1')] }),
    `${scratch.folder}/notebooks`,
    `${scratch.folder}/none.ipynb`,
  ];
  assert.deepEqual(
    files.map((file) => notebookImports(file)),
    files.map(() => undefined),
  );
});

test('cells do what they would have done, also where such an import cannot be had', async () => {
  put('src/good.ts', 'export const good = 5;\n');
  put('src/wrong.ts', "export const wrong: number = 'text';\n");
  put('src/data.json', '{ "n": 5 }');
  const file = put('notebooks/b.ipynb', {
    cells: ['#src/good.ts', '#src/wrong.ts', '#src/data.json', '#src/none.ts', 'no-such-package'].map(
      (name) => code(`import ${JSON.stringify(name)};`),
    ),
  });
  const notebook = new Notebook(scratch);
  notebook.language.convert(notebookImports(file)!);
  const local = ['src/good.ts', 'src/wrong.ts'].map((name) => path.join(scratch.folder, name));
  assert.deepEqual(notebook.language.importedFiles().sort(), local);
  assert.equal(await notebook.run("import { good } from '#src/good.ts';\ngood + 1"), 6);
  await assert.rejects(notebook.run("import { none } from '#src/none.ts';"), /Cannot find module/);
  await assert.rejects(notebook.run("import { wrong } from '#src/wrong.ts';"), /not assignable/);
  // An edit before the first cell is seen.
  put('src/good.ts', 'export const good = "edited";\n');
  assert.equal(await notebook.run("import { good as again } from '#src/good.ts';\nagain"), 'edited');
  notebook.language.close();
});

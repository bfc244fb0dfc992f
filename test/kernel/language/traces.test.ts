/** Stack traces of cells, by really throwing: they show the cell's own lines and columns. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';

import { createScratch, Notebook } from './notebook.ts';

const scratch = createScratch();
const notebook = new Notebook(scratch);
after(() => {
  notebook.language.close();
  scratch.remove();
});

/** Runs cells in a process of their own, as main does; gives the stack of what the last one throws. */
function stackOf(...cells: readonly string[]): string {
  notebook.reset();
  const converted = cells.map((code, index) => {
    const made = notebook.language.convert(code, { cell: `In[${index + 1}]` });
    assert.deepEqual(made.diagnostics, []);
    notebook.language.keep(made.id, 'all');
    return { code: made.code, names: made.names };
  });
  const program = `
    const boxes = new Map();
    const box = (name) => boxes.get(name) ?? (boxes.set(name, { v: undefined }), boxes.get(name));
    globalThis['resume·'] = (value) => value;
    globalThis['stop·'] = new Int32Array(1);
    (async () => {
      let cell = 0;
      try {
        for (const { code, names } of ${JSON.stringify(converted)}) {
          const run = (0, eval)('(' + code + '\\n)\\n//# sourceURL=In[' + ++cell + ']');
          await run(...names.map(box), { result: () => undefined, require, link: (to, get) => Object.defineProperty(to, 'v', { get }) });
        }
      } catch (error) { console.log(error.stack) }
    })();`;
  return execFileSync(process.execPath, ['--enable-source-maps', '-e', program], { encoding: 'utf8' });
}

test('the line and column of a throw', () => {
  assert.match(
    stackOf('const a = 1;\n\n  throw new RangeError("x");'),
    /RangeError: x\n(?:.*\n)*?.*In\[1\]:3:9/,
  );
});

test('on the first line', () => {
  assert.match(stackOf('throw new Error("x")'), /In\[1\]:1:7/);
  assert.match(stackOf('const a = 1, b = 2; throw new Error(`${a}${b}`)'), /In\[1\]:1:27/);
});

test('in a function of an earlier cell', () => {
  const stack = stackOf(
    '// comment\nfunction deep(x: number): never {\n  const y: number = x;\n  throw new Error(`deep ${y}`);\n}',
    'interface Unused {\n  a: number;\n}\nconst call = () => {\n  deep(1);\n};\ncall();',
  );
  assert.match(stack, /at .*deep.*In\[1\]:4:9/);
  assert.match(stack, /at .*call.*In\[2\]:5:3/);
  assert.match(stack, /In\[2\]:7:1/);
});

test('in an asynchronous cell, a class and a last expression', () => {
  const stack = stackOf(
    'class A {\n  m(): void {\n    throw new TypeError("m");\n  }\n}',
    'await null;\nawait Promise.resolve().then(() => {\n  new A().m();\n})',
  );
  assert.match(stack, /at A\.m.*In\[1\]:3:11/);
  assert.match(stack, /In\[2\]:3:11/);
});

test('after types, enums and imports that take lines', () => {
  const stack = stackOf(
    "import { sep } from 'node:path';\ntype T = {\n  a: 1;\n};\nenum E {\n  A,\n  B,\n}\nconst t = (x: T): string => sep + x.a + E.B;\n(undefined as unknown as () => void)();",
  );
  assert.match(stack, /In\[1\]:10:\d+/);
});

test('after a magic', () => {
  const stack = stackOf(
    "void ((globalThis as any)[Symbol.for('msl.kernel')] = { magic: { pwd() {} } })",
    '%pwd\n\nthrow new Error("here")',
  );
  assert.match(stack, /In\[2\]:3:7/);
});

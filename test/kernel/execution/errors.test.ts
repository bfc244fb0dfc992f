import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Module } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import { compile } from '../../../src/kernel/compile.cjs';
import { describeError, withoutKernel } from '../../../src/kernel/execution/errors.ts';
import { createExcerpt } from '../../../src/kernel/execution/excerpt.ts';

const KERNEL = fileURLToPath(new URL('../../../src/kernel', import.meta.url));

function errorAt(...frames: string[]): Error {
  const error = new RangeError('x·.v is not a function');
  error.stack = [`RangeError: ${error.message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

test('name, message, and a trace without the kernel in it', () => {
  const error = errorAt(
    'f (/home/me/notebooks/In[3]:2:9)',
    'EventTarget.eval (/home/me/notebooks/In[3]:5:1)',
    'eval (file:///home/me/notebooks/In[4]:1:1)',
    `run (${KERNEL}/execution/interpreter.ts:99:5)`,
    'process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
  );
  const { name, message, text } = describeError(error);
  assert.equal(name, 'RangeError');
  assert.equal(message, 'x is not a function');
  assert.equal(
    stripVTControlCharacters(text),
    'RangeError: x is not a function\n    at f (In[3]:2:9)\n    at EventTarget.<anonymous> (In[3]:5:1)\n    at In[4]:1:1',
  );
});

test("lines of a project's own src/kernel stay", () => {
  const frames = ['f (/home/me/src/kernel/gauss.ts:2:9)', 'async file:///home/me/dist/kernel/x.js:1:1'];
  const { text } = describeError(errorAt(...frames, `run (file://${KERNEL}/main.ts:1:1)`));
  const kept = frames.map((frame) => `\n    at ${frame}`).join('');
  assert.equal(stripVTControlCharacters(text), `RangeError: x is not a function${kept}`);
});

test('the line where it arose is shown with a caret', () => {
  const cells = new Map([['In[3]', 'const one = 1;\n\tthrow x(one);']]);
  const excerpt = createExcerpt((name) => cells.get(name));
  const { text } = describeError(errorAt('f (/a/In[3]:2:8)', 'g (In[3]:1:1)'), excerpt);
  assert.ok(stripVTControlCharacters(text).includes('\n2 | \tthrow x(one);\n    \t      ^\n'), text);
  const outside = describeError(errorAt('f (/a/In[3]:7:1)'), excerpt);
  assert.ok(!outside.text.includes('|'), 'a line that is not there is not shown');
});

test('of a file that was edited since, the line that was compiled is shown', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-excerpt-'));
  const file = path.join(folder, 'edited.ts');
  const plain = path.join(folder, 'plain.cjs');
  fs.writeFileSync(file, 'export const one: number = 1;\nexport const two = 2;\n');
  fs.writeFileSync(plain, 'exports.one = 1;\n');
  const module = new Module(file) as Module & { _compile(code: string, file: string): void };
  const were = process.sourceMapsEnabled;
  process.setSourceMapsEnabled(true);
  try {
    module._compile(compile(file), file);
    fs.writeFileSync(file, '// edited\n');
    const excerpt = createExcerpt(() => undefined);
    assert.equal(excerpt({ file, line: 2, column: 14 }), `\n2 | export const two = 2;\n${' '.repeat(17)}^\n`);
    assert.match(excerpt({ file: plain, line: 1, column: 1 }) ?? '', /exports\.one = 1;/);
  } finally {
    process.setSourceMapsEnabled(were);
    fs.rmSync(folder, { recursive: true });
  }
});

test('anything may be thrown', () => {
  assert.deepEqual(describeError('text'), { name: 'Error', message: 'text', text: "Uncaught 'text'" });
  assert.equal(describeError({ code: 7 }).message, '{ code: 7 }');
  assert.equal(describeError(undefined).text, 'Uncaught undefined');
  const bare = new Error('no trace');
  Reflect.deleteProperty(bare, 'stack');
  assert.equal(stripVTControlCharacters(describeError(bare).text), 'Error: no trace');
  const hostile = Object.defineProperty(new Error('m'), 'stack', {
    get: () => {
      throw new Error('no stack');
    },
  });
  assert.equal(describeError(hostile).message, 'm');
});

test('a message of a megabyte is shortened, in a moment, and the trace stays', () => {
  const error = new Error('x'.repeat(1_000_000));
  error.stack = `Error: ${error.message}\n    at f (/a/In[3]:2:8)`;
  const { message, text } = describeError(error);
  assert.ok(message.endsWith('x… (1,000,000 characters)'), message.slice(-60));
  assert.match(stripVTControlCharacters(text), /x… \(1,000,007 characters\)\n {4}at f \(In\[3\]:2:8\)$/);
  assert.equal(describeError('y'.repeat(10_001)).message, `${'y'.repeat(10_000)}… (10,001 characters)`);
});

test('whatever was thrown is described: nothing of it may keep a cell from ending', () => {
  const boom = (): never => {
    throw new Error('trap');
  };
  for (const thrown of [
    Object.assign(new Error('x'), { message: { code: 5 } }),
    Object.assign(new Error('x'), { name: undefined, message: undefined }),
    Object.assign(new Error('x'), { name: () => 1 }),
    Object.assign(new Error('x'), { name: Symbol('q') }),
    Object.defineProperty(new Error('x'), 'message', { get: boom }),
    { [Symbol.for('nodejs.util.inspect.custom')]: boom },
    new Proxy({}, { getPrototypeOf: boom }),
    new Proxy(new Error('x'), { get: boom, getPrototypeOf: boom, ownKeys: boom }),
    Object.create(null),
    Symbol('s'),
    1n,
  ]) {
    const { name, message, text } = describeError(thrown);
    for (const part of [name, message, text]) assert.equal(typeof part, 'string');
    assert.notEqual(name, '');
  }
});

test('the brace around an error’s own properties stays where the kernel’s lines are left out', () => {
  const error = errorAt('f (/a/In[3]:2:8)', `run (${KERNEL}/execution/interpreter.ts:99:5)`);
  const { text } = describeError(Object.assign(error, { code: 'ENOENT' }));
  assert.ok(stripVTControlCharacters(text).endsWith("at f (In[3]:2:8) {\n  code: 'ENOENT'\n}"), text);
});

test('an error with a cause shows its own lines, not how many of them the cause has, too', () => {
  const own = Array.from({ length: 5 }, (_, i) => `run${i} (${KERNEL}/execution/interpreter.ts:${i + 1}:5)`);
  const caused = (message: string, frames: readonly string[], cause?: Error): Error => {
    const error = new Error(message, ...(cause ? [{ cause }] : []));
    error.stack = [`Error: ${message}`, ...[...frames, ...own].map((frame) => `    at ${frame}`)].join('\n');
    return error;
  };
  const inner = caused('inner', ['f (In[1]:1:1)', 'g (In[1]:2:2)', 'h (In[2]:3:3)', 'In[2]:4:4']);
  const middle = caused('middle', ['g (In[1]:2:9)', 'h (In[2]:3:3)', 'In[2]:4:4'], inner);
  const outer = caused('outer', ['h (In[2]:3:9)', 'In[2]:4:4'], middle);
  const { text } = describeError(outer);
  assert.deepEqual(stripVTControlCharacters(text).split('\n'), [
    'Error: outer',
    '    at h (In[2]:3:9)',
    '    at In[2]:4:4 {',
    '  [cause]: Error: middle',
    '      at g (In[1]:2:9)',
    '      at h (In[2]:3:3)',
    '      at In[2]:4:4 {',
    '    [cause]: Error: inner',
    '        at f (In[1]:1:1)',
    '        at g (In[1]:2:2)',
    '        at h (In[2]:3:3)',
    '        at In[2]:4:4',
    '  }',
    '}',
  ]);
});

test('what cells print or show has traces without the kernel, too', () => {
  const own = `    at run (${KERNEL}/execution/interpreter.ts:99:5)`;
  const grey = `\u001b[90m    at node:internal/timers:4:5\u001b[39m`;
  const printed = ['Trace: here', '    at eval (/a/In[2]:1:9)', own, grey, '    at f (/a/b.ts:1:1)', ''].join(
    '\n',
  );
  assert.equal(withoutKernel(printed), 'Trace: here\n    at In[2]:1:9\n    at f (/a/b.ts:1:1)\n');
  const plain = 'a list:\n  at home\n x·.v';
  assert.equal(withoutKernel(`${plain} (src/kernel/x.ts)`), `${plain} (src/kernel/x.ts)`);
  // A megabyte of numbers, of which no line can begin a trace: seen once, not once for each line.
  const numbers = Array.from({ length: 60_000 }, (_, i) => `${i},${2 * i},${3 * i}\n`).join('');
  assert.equal(withoutKernel(numbers), numbers);
});

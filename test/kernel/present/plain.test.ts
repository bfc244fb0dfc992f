import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { runInThisContext } from 'node:vm';

import { present } from '../../../src/kernel/present/index.ts';

const text = (value: unknown): string => String(present(value)['text/plain']);
const html = (value: unknown): string => String(present(value)['text/html']);
const isFolded = (value: unknown): boolean => 'text/html' in present(value);

/** A proxy each of whose traps throws. */
const hostile = new Proxy(
  {},
  new Proxy(
    {},
    {
      get: (_, trap) => () => {
        throw new Error(`trap ${String(trap)}`);
      },
    },
  ),
);

test('small values are text alone, as Node.js prints them', () => {
  class Point {
    x = 1;
  }
  for (const value of [
    1,
    -0,
    10n,
    'a',
    true,
    null,
    undefined,
    Symbol('s'),
    [1, [2]],
    { a: { b: 1 } },
    new Point(),
    new Map([['a', 1]]),
    new Set([1]),
    new Date(0),
    /x/g,
    Promise.resolve(1),
    new Uint16Array(3),
    Object.create(null),
  ]) {
    assert.deepEqual(present(value), { 'text/plain': util.inspect(value) });
  }
});

test('colours only where they are asked for, and never in plain strings and numbers', () => {
  assert.equal(text({ a: 1 }), '{ a: 1 }');
  const before = { ...util.inspect.styles };
  assert.equal(present({ a: 1 }, { colors: true })['text/plain'], '{ a: \u001b[34m1\u001b[39m }');
  assert.deepEqual({ ...util.inspect.styles }, before);
  assert.equal(present('a', { colors: true })['text/plain'], "'a'");
});

test('a list of more than 100 elements unfolds', () => {
  assert.equal(isFolded(Array.from({ length: 100 }, (_, i) => i)), false);
  const numbers = Array.from({ length: 2000 }, (_, i) => i);
  assert.match(html(numbers), /<summary>Array\(2,000\) \[0, 1, 2/);
  assert.match(
    html(numbers),
    /<b>890<\/b>: <span class="n">890, 891, 892, 893, 894, 895, 896, 897, 898, 899</,
  );
  assert.match(html(numbers), /… 1,000 more/);
  assert.match(html(numbers), /1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999<\/span>/);
});

test('everything is bounded in size, its text too', () => {
  const wide = (depth: number): unknown =>
    depth === 0 ? 'é<&>'.repeat(30) : Array.from({ length: 60 }, () => wide(depth - 1));
  for (const value of [
    wide(3),
    'x'.repeat(1e7),
    Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${'k'.repeat(300)}${i}`, 'é'.repeat(300)])),
    new Set(Array.from({ length: 1e5 }, (_, i) => ({ i }))),
    [Symbol('s'.repeat(1e6))],
    { f: runInThisContext(`() => { /* ${'<'.repeat(1e6)} */ }`) as unknown },
    new Error('m'.repeat(1e6)),
    10n ** 20_000n,
  ]) {
    const bundle = present(value);
    assert.ok(Buffer.byteLength(String(bundle['text/html'])) < 50_000);
    assert.ok(String(bundle['text/plain']).length < 6100, String(bundle['text/plain']).slice(0, 50));
  }
});

test('HTML holds no scripts and nothing unescaped', () => {
  const value = { list: Array.from({ length: 200 }, () => '<script>alert(1)</script>'), '<b>': '"&' };
  assert.doesNotMatch(html(value), /<script|<b>"|<b><b>/);
  assert.match(html(value), /&#60;script&#62;/);
});

test('of a long list no more is read than is shown', (t) => {
  const reading = t.mock.method(Object, 'getOwnPropertyDescriptor');
  for (const list of [Array.from({ length: 1e5 }, (_, i) => i), new Array(1e5), new Uint8Array(1e5)]) {
    reading.mock.resetCalls();
    assert.ok(html(list).length < 60_000);
    assert.ok(text(list).length < 5000);
    assert.ok(reading.mock.callCount() < 5000, String(reading.mock.callCount()));
  }
});

test('typed arrays say their range', () => {
  // 0, 1, ..., 999 have the mean 999 / 2.
  const ramp = Float32Array.from({ length: 1000 }, (_, i) => i);
  assert.match(html(ramp), /min 0, mean 499.5, max 999/);
  assert.match(text(new Float64Array(200).fill(NaN, 0, 3)), /min 0, mean 0, max 0, 3 NaN/);
  assert.match(text(new BigInt64Array(200).fill(3n)), /min 3, mean 3, max 3/);
});

test('deep and circular values', () => {
  let deep: unknown = 'end';
  for (let i = 0; i < 10_000; i++) deep = { deep };
  assert.ok(html(deep).length < 5000);
  const circular: Record<string, unknown> = { list: Array.from({ length: 101 }, () => 0) };
  circular['self'] = circular;
  assert.match(html(circular), /<b>self<\/b>: <span class="o">\[Circular\]/);
});

test('no getter is run', () => {
  let runs = 0;
  const trap = {
    get own() {
      return ++runs;
    },
    get data() {
      return [++runs];
    },
    get columns() {
      return [++runs];
    },
    get dtype() {
      return String(++runs);
    },
  };
  class Counter {
    get inherited() {
      return ++runs;
    }
  }
  for (const value of [trap, new Counter(), { trap, long: 'x'.repeat(2000) }, [trap]]) present(value);
  const list = Array.from({ length: 200 }, () => 0);
  Object.defineProperty(list, 0, { get: () => ++runs, enumerable: true });
  assert.match(text(list), /\[Getter\], 0, 0/);
  assert.equal(runs, 0);
});

test('proxies whose traps throw, and what contains them', () => {
  const inherits = Object.create(hostile) as unknown;
  for (const value of [
    hostile,
    [hostile],
    { hostile, long: 'x'.repeat(2000) },
    inherits,
    [inherits, 'x'.repeat(2000)],
  ]) {
    assert.equal(typeof text(value), 'string');
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(text(proxy), '<Revoked Proxy>');
  assert.match(text({ hostile, long: 'x'.repeat(2000) }), /hostile: Proxy/);
});

test('what Node.js writes on promises is not shown', async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks');
  await new AsyncLocalStorage<object>().run({ secret: 1 }, () => {
    assert.equal(text(Promise.resolve(1)), 'Promise { 1 }');
    assert.equal(text([Promise.resolve(1)]), '[ Promise { 1 } ]');
    assert.doesNotMatch(html({ p: Promise.resolve(1), long: 'x'.repeat(2000) }), /Symbol|secret/);
    return Promise.resolve();
  });
});

test('printing code that throws is said so', () => {
  const value = {
    a: 1,
    [util.inspect.custom]() {
      throw new Error('broken');
    },
  };
  assert.match(text(value), /a: 1[^]*its own inspection failed: broken/);
});

test('collections, classes, functions, errors and symbols inside a large value', () => {
  class Base {
    readonly kind: string | undefined;
  }
  class Layer extends Base {
    units = 64;
  }
  const shown = html({
    map: new Map<unknown, unknown>([
      ['k', 1],
      [{ key: 1 }, 'held'],
    ]),
    layer: new Layer(),
    type: Layer,
    add: (a: number, b: number) => a + b,
    error: new TypeError('bad', { cause: new RangeError('inner') }),
    [Symbol('tag')]: 1,
    long: 'x'.repeat(2000),
  });
  assert.match(shown, /<b>&#39;k&#39;<\/b>: <span class="n">1/);
  assert.match(shown, /<b>key 1<\/b>: \{ key: 1 \}.*<b>value 1<\/b>: <span class="s">&#39;held&#39;/);
  assert.match(shown, /<b>layer<\/b>: Layer \{ kind: undefined, units: 64 \}/);
  assert.match(shown, /class Layer extends Base<\/span>/);
  assert.match(shown, /ƒ add\(a, ?b\)<.*<pre>\(a, ?b\)\s?=&#62;\s?a\s?\+\s?b<\/pre>/);
  assert.match(shown, /TypeError: bad<[^]*<b>cause<\/b>: <span class="e">RangeError: inner/);
  assert.match(shown, /\[Symbol\(tag\)\]/);
});

test('a function shows its source, without the boxes that hold a notebook’s names', () => {
  const f = runInThisContext('(function (f·) { return (0, f·.v)(f·.v.x); })') as unknown;
  assert.match(text(f), /\[Function \(anonymous\)\][^]*return f\(f\.x\)/);
});

test('a function shows its source, without the questions for an interrupt', () => {
  const f = runInThisContext(
    '(async function () {\n  for (;;) {\n    if (stop·[0]) resume·();\n    resume·(await g());\n  }\n  for await (const x of g()) { resume·(); g(x); }\n})',
  ) as unknown;
  assert.match(text(f), /\n {2}for \(;;\) \{\n {4}\(await g\(\)\);\n {2}\}\n.*\{ g\(x\); \}\n\}$/);
});

test('a stack trace leaves out Node.js’s own lines', () => {
  const error = new Error('e');
  const kernel = fileURLToPath(new URL('../../../src/kernel', import.meta.url));
  error.stack = `Error: e\n    at In[1]:1:2\n    at node:internal/x:1:1\n    at ${kernel}/execution/run.ts:1:1`;
  assert.equal(text(error), 'Error: e\n    at In[1]:1:2');
  (error as Error & { code?: number }).code = 7;
  assert.equal(text(error), 'Error: e\n    at In[1]:1:2 {\n  code: 7\n}');
});

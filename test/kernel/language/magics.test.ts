import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import ts from 'typescript';

import { RUNTIME } from '../../../src/kernel/language/magics/text.ts';
import { expandMagics, type Expanded } from '../../../src/kernel/language/magics.ts';

const NAMES = new Set(['ready', 'count', 'rows', 'console', 'process', 'fetch', 'git', 'file', 'list']);

/** Expands, and checks what holds for every cell: as many lines, and positions that go there and back. */
function expand(code: string, names: ReadonlySet<string> = NAMES): Expanded {
  const expanded = expandMagics(code, {
    isName: (name) => names.has(name),
    exportsOf: (file) => (/^(?:\.?\/)?lib\.ts$/.test(file) ? ['a', 'default', 'b'] : []),
  });
  assert.equal(expanded.code.split('\n').length, code.split('\n').length, expanded.code);
  for (let i = 0; i <= code.length; i++) {
    const there = expanded.toExpanded(i);
    if (code[i] === expanded.code[there]) assert.ok(expanded.toOriginal(there) <= i, `${i} in ${code}`);
  }
  return expanded;
}

/** The expansion with the long name of the runtime cut short. */
const short = (code: string, names?: ReadonlySet<string>): string =>
  expand(code, names).code.replaceAll(RUNTIME, 'M');

function syntaxErrors(code: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('what is a magic', () => {
  const CASES: readonly [cell: string, expanded: string][] = [
    // Timing
    ['%time f()', ';M.timed(M.time(), (f()));'],
    ['%time f();', ';M.timed(M.time(), (f()));'],
    ['%time f() // twice', ';M.timed(M.time(), (f())); // twice'],
    ['%time a, b', ';M.timed(M.time(), (a, b));'],
    ['%time const x = await f()', ';M.time("at 0");const x = await f();M.timed("at 0");'],
    ['%time x = 1', ';M.timed(M.time(), (x = 1));'],
    ['%time f({\n  a: 1,\n})\ng()', ';M.timed(M.time(), (f({\n  a: 1,\n})));\ng()'],
    [
      '%time for (const x of rows) {\n  f(x)\n}',
      ';M.time("at 0");for (const x of rows) {\n  f(x)\n};M.timed("at 0");',
    ],
    ['if (ready)\n  %time f()\nelse g()', 'if (ready)\n  M.timed(M.time(), (f()));\nelse g()'],
    ['if (ready)\n  %time for (;;) f()', 'if (ready)\n  {M.time("at 13");for (;;) f();M.timed("at 13");}'],
    ['for (;;) {\n  %time f()\n}', 'for (;;) {\n  ;M.timed(M.time(), (f()));\n}'],
    ['%timeit f()', ';await M.timeit({ loops: undefined, repeats: undefined }, () => {f()});'],
    ['%timeit -n 10 -r3 await f()', ';await M.timeit({ loops: 10, repeats: 3 }, async () => {await f()});'],
    ['%%time\nf()\ng() // last', 'M.time("cell");\nf()\n;M.timed("cell", (g())) // last'],
    ['\n  %%time\nconst x = 1', '\n  M.time("cell");\nconst x = 1;M.timed("cell");'],
    ['%%time\nconst x = 1 // one\n', 'M.time("cell");\nconst x = 1;M.timed("cell"); // one\n'],
    ['%%time', 'M.time("cell");;M.timed("cell");'],
    ['%%time\nf()\n!ls', 'M.time("cell");\nf()\n;await M.shell("ls");;M.timed("cell");'],
    ['%%time\n`\n!ls`', 'M.time("cell");\n;M.timed("cell", (`\n!ls`))'],
    // Statements before without a semicolon
    ['const x = 7\n%env FOO', 'const x = 7\n;M.env("FOO");'],
    ['const x = 7\n%time f()', 'const x = 7\n;M.timed(M.time(), (f()));'],
    ['const time = 7\n%time f()', 'const time = 7\n;M.timed(M.time(), (f()));'],
    ['const f = () => 1\n!ls', 'const f = () => 1\n;await M.shell("ls");'],
    ['!ls\n(1 + 1)', ';await M.shell("ls");\n(1 + 1)'],
    // The shell
    ['!ls -la', ';await M.shell("ls -la");'],
    ['! ls', ';await M.shell("ls");'],
    [
      '  !ls | wc -l; echo "a  b" // no comment',
      '  ;await M.shell("ls | wc -l; echo \\"a  b\\" // no comment");',
    ],
    ['!git status', ';await M.shell("git status");'],
    ['!./run.sh', ';await M.shell("./run.sh");'],
    ['!/usr/bin/env node', ';await M.shell("/usr/bin/env node");'],
    ['!~/bin/x', ';await M.shell("~/bin/x");'],
    ['!X=1 node x.js', ';await M.shell("X=1 node x.js");'],
    ['!for i in 1 2; do echo $i; done', ';await M.shell("for i in 1 2; do echo $i; done");'],
    ['!docker-compose up', ';await M.shell("docker-compose up");'],
    ['!python3.11 -V', ';await M.shell("python3.11 -V");'],
    ['!make && make test', ';await M.shell("make && make test");'],
    ['!echo a \\\n  b\nf()', ';await M.shell("echo a    b");\n\nf()'],
    ['!echo \\\\\r\nf()', ';await M.shell("echo \\\\\\\\");\r\nf()'],
    ['!ls\r\nf()\r\n', ';await M.shell("ls");\r\nf()\r\n'],
    ['!echo {file} {file.length + 1}', ';await M.shell("echo ", [file], " ", [file.length + 1]);'],
    ['!echo {a,b} ${HOME} {1..3} {} {unknown}', ';await M.shell("echo {a,b} ${HOME} {1..3} {} {unknown}");'],
    ["!awk '{print $1}' {file}", `;await M.shell("awk '{print $1}' ", [file]);`],
    ['!echo {{file}} {file', ';await M.shell("echo {file} {file");'],
    ['!echo {rows.map((x) => `}${x}`)}', ';await M.shell("echo ", [rows.map((x) => `}${x}`)]);'],
    ['!echo {rows, file}', ';await M.shell("echo {rows, file}");'],
    ['const here = 1\n!echo {here}', 'const here = 1\n;await M.shell("echo ", [here]);'],
    ['if (ready) {\n  !ls\n}', 'if (ready) {\n  ;await M.shell("ls");\n}'],
    ['if (ready)\n  !ls\nelse f()', 'if (ready)\n  await M.shell("ls");\nelse f()'],
    ['switch (1) {\n  case 1:\n    !ls\n}', 'switch (1) {\n  case 1:\n    ;await M.shell("ls");\n}'],
    // What it prints
    ['const found = !ls -la', 'const found = (await M.lines("ls -la")) as string[];'],
    ['let found: string[] = !ls {file}', 'let found: string[] = (await M.lines("ls ", [file])) as string[];'],
    ['rows = !ls | wc -l', 'rows = (await M.lines("ls | wc -l")) as string[];'],
    ['fresh = !ls', 'var fresh = (await M.lines("ls")) as string[];'],
    [
      'f()\n  fresh = !ls\nfresh = !pwd',
      'f()\n  var fresh = (await M.lines("ls")) as string[];\nfresh = (await M.lines("pwd")) as string[];',
    ],
    ['let fresh = [""]\nfresh = !ls', 'let fresh = [""]\nfresh = (await M.lines("ls")) as string[];'],
    ['fresh.rows = !ls', 'fresh.rows = (await M.lines("ls")) as string[];'],
    ['const a = !echo a \\\n  b\nf(a)', 'const a = (await M.lines("echo a    b")) as string[];\n\nf(a)'],
    // Others
    ['%env', ';M.env();'],
    ['%env A=b c', ';M.env("A", "b c");'],
    ['%env A = "b c"', ';M.env("A", "b c");'],
    ['%env A x', ';M.env("A", "x");'],
    ['%env A={file}', ';M.env("A", [file]);'],
    ['%env A=', ';M.env("A", "");'],
    ['%cd', ';M.cd();'],
    ['%cd {file}/x', ';M.cd([file], "/x");'],
    ['%cd "my notes"', ';M.cd("my notes");'],
    ['%pwd', ';M.pwd();'],
    ['%who', ';M.who();'],
    ['%whos', ';M.whos();'],
    ['%lsmagic', ';M.lsmagic();'],
    ['%reset', ';await M.reset(false);'],
    ['%reset -f', ';await M.reset(true);'],
    ["%run ./x.ts \"a b\" c'd e' it's", `;await M.run("./x.ts", ["a b", "cd e", "it's"]);`],
    ['%run lib.ts', ';var { a, b } = (await M.run("lib.ts", [])) as typeof import("./lib.ts");'],
    ['%run /lib.ts', ';var { a, b } = (await M.run("/lib.ts", [])) as typeof import("/lib.ts");'],
    ['%run ./lib.ts', ';var { a, b } = (await M.run("./lib.ts", [])) as typeof import("./lib.ts");'],
    ['?', ';await M.help("", 0);'],
    ['?rows', ';await M.help("rows", 0);'],
    ['??rows.map', ';await M.help("rows.map", 1);'],
    ['rows.map?', ';await M.help("rows.map", 0);'],
    ['rows??;', ';await M.help("rows", 1);'],
    ['%time?', ';await M.help("%time", 0);'],
    ['const x = 1\n?x', 'const x = 1\n;await M.help("x", 0);'],
    // Cells
    ['%%bash\nls {file}\n%time x\n', ';await M.script("bash", "ls {file}\\n%time x\\n");'],
    ['%%sh -e x\nls', ';await M.script("sh", "ls", "-e", "x");'],
    ['%%html\n<b>`${x}`</b>', ';M.show("text/html", "<b>`${x}`</b>");'],
    ['%%markdown\n# a', ';M.show("text/markdown", "# a");'],
    ['%%writefile -a a.txt\nx\u2028', ';M.writeFile("a.txt", "x\\u2028", true);'],
  ];
  for (const [cell, expected] of CASES) {
    test(JSON.stringify(cell), () => {
      const got = short(cell);
      // A cell magic has no statement before it, and its lines are blank.
      assert.equal(cell.startsWith('%%') && !cell.startsWith('%%time') ? `;${got.trimEnd()}` : got, expected);
      assert.deepEqual(syntaxErrors(expand(cell).code), []);
      assert.deepEqual(expand(cell).problems, []);
    });
  }
});

describe('what is TypeScript', () => {
  const CELLS = [
    '!ready',
    '!ready && count()',
    '!ready && f()\n!!ready',
    '!(ready)',
    '![1].length',
    '!"x"',
    '!/usr/.test(file)',
    '!/[/]x/g.exec(file)',
    '!await fetch("x")',
    '!true',
    '!typeof ready',
    '!isReady(3)',
    '!async () => 1',
    '!ready as boolean',
    '!ready in rows',
    '!git - count',
    '!ready ? count : rows',
    'const soon = 1\n!soon',
    'function f(ok: boolean) {\n  !ok || count()\n}',
    'import { x } from "y"\n!x && f()',
    'import x = require("y")\nconst no = !x',
    'function f() {\n  const none = !arguments.length\n  return none\n}',
    '(async function self() {\n  const no = !self\n})',
    'const C = class Own {\n  is() {\n    const no = !Own\n  }\n}',
    'const { a: { deep }, ...others } = rows\n!deep || !others',
    'const x = count\n  % rows',
    'const x = count\n  %rows',
    'const x = count\n%rows\n',
    'const x = (\n  7\n  %time\n)',
    'f(\n  a,\n  !ls\n)',
    'f(\n  a\n  !ls\n)',
    'const a = [\n  1\n  !ls\n]',
    'if (\n  !ls\n) f()',
    'for (\n  const x of\n  !ls\n) f()',
    'const x = {\n  a: 1\n  !ls\n}',
    'const a = [\n  !ls,\n]',
    'const o = {\n  x:\n    !ls,\n}',
    'const a = ready &&\n  !ls',
    'const f = () =>\n  !ls',
    'const t = `\n!ls\n%time x\n?x\nx?\n%%bash\n`',
    'const t = `${f(`\n!ls\n`)}\n!ls\n`',
    '/*\n!ls\n%time x\n?x\n*/',
    '/**\n * x\n !ls */\nf()',
    '// !ls\n//%time',
    'const x = ready ?\n  1 :\n  2',
    'ready?\n  f() :\n  g()',
    'ready\n  ?count\n  :rows',
    'ready\n  ? count\n  : rows',
    'interface A {\n  ready?\n  count: number\n}',
    'interface A {\n  ready?: number\n}',
    'class A {\n  count?\n  ready = 1\n}',
    'const x = count\n  != rows',
    'const x = count\n!== rows',
    'type A =\n  | 1\n  | 2',
    'const r = /\n/',
    'x = 5 % 3',
    'const s = "a\\\n!ls"',
    "const s = 'a\\\n%time x'",
    '%',
    '% time f()',
    '%5',
    '',
    '\n\n',
  ];
  for (const cell of CELLS) {
    test(JSON.stringify(cell), () => {
      assert.equal(short(cell), cell);
      assert.deepEqual(expand(cell).problems, []);
    });
  }
});

test('an object in braces is one, a block is one', () => {
  for (const cell of [
    '{}',
    '{ a: 1 }',
    ' { a: 1, b: f(2) }\n',
    '{ a: 1,\n  ...ready,\n}',
    '{ ready }',
    '{ ready, count }',
    "{ 'a': 1 }",
    '{ f() { return 1 } }',
  ]) {
    assert.equal(expand(cell).code.trim(), `(${cell.trim()})`, cell);
  }
  for (const cell of [
    '{ f() }',
    '{ const a = 1 }',
    '{ f()\n{ ready } }',
    '{ a: 1 };',
    '{ a: 1, b }\n{ c: 2 }',
    '{ a: 1, b: }',
    '{ for (;;) { } }',
    '{ count++ }',
  ]) {
    assert.equal(expand(cell).code, cell);
  }
});

describe('what is wrong', () => {
  const CASES: readonly [cell: string, message: RegExp, start: number, length: number][] = [
    ['%%toString\n1', /There is no magic %%toString/, 0, 10],
    ['%tiem f()', /There is no magic %tiem; did you mean %time\?/, 0, 9],
    ['f()\n  %matplotlib inline', /no magic %matplotlib; %lsmagic lists them/, 6, 18],
    ['%%hmtl\nx', /no magic %%hmtl; did you mean %%html\?/, 0, 6],
    ['%%env\nx', /no magic %%env.*%env works on a line of its own/, 0, 5],
    ['f()\n%%bash\nls', /%%bash has to stand on the first line/, 4, 6],
    ['%time', /%time needs a statement/, 0, 5],
    ['%time\nf()', /%time needs a statement/, 0, 5],
    ['%time !ls', /%time needs a statement/, 0, 9],
    ['%time // nothing', /%time needs a statement/, 0, 16],
    ['%run', /%run needs a file/, 0, 4],
    ['%bash\nls', /no magic %bash; .*%%bash works on a whole cell, from its first line/, 0, 5],
    ['%timeit -n x ready', /%timeit -n needs a number/, 0, 18],
    ['%timeit -r', /%timeit -r needs a number/, 0, 10],
    ['%timeit -n 0 ready', /%timeit -n 0 would measure nothing/, 0, 13],
    ['%timeit -n 10 -r 0 ready', /%timeit -r 0 would measure nothing/, 0, 19],
    ['%reset -x', /%reset takes nothing but -f, not -x/, 0, 9],
    ['%%writefile\nx', /%%writefile needs a file/, 0, 11],
  ];
  for (const [cell, message, start, length] of CASES) {
    test(JSON.stringify(cell), () => {
      const { code, problems } = expand(cell);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!.message, message);
      assert.deepEqual([problems[0]!.start, problems[0]!.length], [start, length]);
      assert.match(code, /\.magic\.fail\("/);
      assert.deepEqual(syntaxErrors(code), []);
    });
  }
});

test('a statement that is not finished stays unfinished', () => {
  for (const cell of ['%time f(', '%time for (const x of rows) {', '%timeit f([1,', '%time const x =']) {
    const [error = ''] = syntaxErrors(short(cell)).slice(-1);
    assert.match(error, /expected/, cell);
    assert.ok(short(cell).endsWith(cell.slice(-2)), short(cell));
  }
});

test('a name inside %time is found at its place in the cell', () => {
  const cell = 'const x = 1\n%time work(x)\nlater()';
  const { code, toOriginal, toExpanded } = expand(cell);
  for (const word of ['const', 'work', 'later', 'x)']) {
    assert.equal(toOriginal(code.indexOf(word)), cell.indexOf(word), word);
    assert.equal(toExpanded(cell.indexOf(word)), code.indexOf(word), word);
  }
});

test('cells that are long, broken or full of what looks like magics take no time', () => {
  // What is quadratic takes minutes. The best of three, as others use the machine too.
  const times: number[] = [];
  do {
    const began = performance.now();
    expand(`const t = \`\n${'!ls\n%time x\n'.repeat(20_000)}\``);
    expand(`/*\n${'!ls\n'.repeat(20_000)}`);
    expand(`const rows = [\n${'  !ready,\n'.repeat(300)}]`);
    expand('!ls\n'.repeat(300));
    expand(`%%bash\n${'!ls\n'.repeat(20_000)}`);
    times.push((performance.now() - began) / 1000);
  } while (times.at(-1)! >= 5 && times.length < 3);
  assert.ok(times.at(-1)! < 5, `${times.map((seconds) => seconds.toFixed(1)).join(', ')} s`);
});

test('whatever is typed is expanded without an exception', () => {
  const PIECES = [
    '%time ',
    '%%time',
    '%',
    '!ls',
    '!',
    '?x',
    'x?',
    '\n',
    '`',
    '${',
    '}',
    '{',
    '(',
    ')',
    '/*',
    '*/',
    '//',
  ];
  const MORE = [
    '"',
    "'",
    '\\',
    'f()',
    'const x = 1',
    'if (x)',
    'else',
    '/',
    'a\u2028b',
    ':',
    ';',
    '\r\n',
    'case 1:',
    ' ',
  ];
  const pieces = [...PIECES, ...MORE];
  let state = 1;
  const random = (below: number): number => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  for (let i = 0; i < 2000; i++) {
    const code = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]!).join('');
    expand(code);
  }
});

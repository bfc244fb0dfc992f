/** Completion and what is shown for a name. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createScratch, Notebook } from './notebook.ts';

const scratch = createScratch();
scratch.put(
  'src/alpha.ts',
  `/**
 * Adds {@link Number numbers}, see {@link add}.
 *
 * @param a the first
 * @returns their sum
 */
export function add(a: number, b: number): number {
  return a + b;
}
`,
);
scratch.put('src/sub/beta.ts', '');
const notebook = new Notebook(scratch);
before(async () => {
  await notebook.run(
    `import { add } from '../src/alpha.ts';
type Mode = 'fast' | 'slow';
/** Kept for later. */
const kept = 8;
const other = 1, obj = { alpha: 1, beta() { return 2 } };
function go(mode: Mode, times?: number) { return mode + times }
class Maker {
  /** Makes it. */
  make() {}
}`,
  );
});
after(() => {
  notebook.language.close();
  scratch.remove();
});

/** Completes where the bar stands: what would be replaced, and by what. */
function complete(text: string): { typed: string; matches: readonly string[] } {
  const position = text.indexOf('|');
  const code = text.replace('|', '');
  const { start, end, matches, types } = notebook.language.complete(code, position);
  assert.ok(start <= position && position <= end, text);
  assert.deepEqual(
    types.map((type) => type.text),
    matches,
  );
  return { typed: code.slice(start, end), matches };
}

test('files and folders, where a magic or a command names them', () => {
  const src = `${scratch.folder}/src`;
  for (const [code, typed, ...matches] of [
    ['%run ../src/|', '', 'alpha.ts', 'sub/'],
    [`%cd ${src}/|`, '', 'sub/'],
    [`!cat ${src}/al|`, 'al', 'alpha.ts'],
    [`kept;\nconst lines = !cat x > ${src}/s|`, 's', 'sub/'],
    [`%%bash\ncat '${src}/sub/b|`, 'b', 'beta.ts'],
    [`%%writefile -a ${src}/su|`, 'su', 'sub/'],
    ['!k|', ''],
    ['%%bash\nk|', ''],
    ['%%html\n<b|', ''],
    ['!cat /nowhere/x|', 'x'],
  ] as const) {
    assert.deepEqual(complete(code), { typed, matches }, code);
  }
  assert.ok(complete('kept > 1 && !kep|').matches.includes('kept'), 'no command');
  assert.ok(complete('!kept && oth|').matches.includes('other'), 'no command');
});

test('members, names, and what is replaced', () => {
  for (const [code, typed, first] of [
    ['const w = [1]; w.ma|', 'ma', 'map'],
    ['kep|', 'kep', 'kept'],
    ['ke|pt + 1', 'kept', 'kept'],
    ['obj.|', '', 'alpha'],
    ['obj.|\nconst z = 1', '', 'alpha'],
    ['obj?.be|', 'be', 'beta'],
    ["'😀'.le|", 'le', 'length'],
    ['const m: Mo|', 'Mo', 'Mode'],
    ['new Mak|', 'Mak', 'Maker'],
    ['new Maker().|', '', 'make'],
    ['go(|)', '', 'kept'],
    ['`${kep|}`', 'kep', 'kept'],
    ['[1].forEach((one) => one.toF|)', 'toF', 'toFixed'],
    ['console.l|og', 'log', 'log'],
    ['await fet|', 'fet', 'fetch'],
    ['con|', 'con', 'console'],
    ['KEP|', 'KEP', 'kept'],
    ['if (true) {\n  ob|\n}', 'ob', 'obj'],
  ] as const) {
    const found = complete(code);
    assert.equal(found.typed, typed, code);
    assert.ok(found.matches.slice(0, 4).includes(first), `${code}: ${found.matches.slice(0, 9).join()}`);
  }
});

test('names that begin so come first, and others not at all', () => {
  const { matches } = complete('ob|');
  assert.equal(matches[0], 'obj');
  assert.ok(
    matches.every((name) => name.toLowerCase().startsWith('ob')),
    matches.join(),
  );
});

test('the notebook’s names before globals', () => {
  const { matches } = complete('|');
  assert.ok(matches.indexOf('kept') < matches.indexOf('Array'));
});

test('strings', () => {
  assert.deepEqual(complete('go("|")').matches, ['fast', 'slow']);
  assert.deepEqual(complete("go('f|").matches, ['fast']);
  assert.deepEqual(complete('obj["al|"]').matches, ['alpha']);
});

test('imports: files, packages, their names', () => {
  assert.deepEqual(complete("import { add } from '../src/|'"), { typed: '', matches: ['alpha.ts', 'sub'] });
  assert.deepEqual(complete("import { add } from '../src/al|'"), { typed: 'al', matches: ['alpha.ts'] });
  assert.deepEqual(complete("import '#src/|'").matches, ['alpha.ts', 'sub']);
  assert.ok(complete("import fs from 'node:f|'").matches.includes('node:fs'));
  assert.ok(complete("import { z } from 'zo|'").matches.includes('zod'));
  assert.ok(complete("import { | } from '../src/alpha.ts'").matches.includes('add'));
  assert.ok(complete("import { ad| } from '../src/alpha.ts'").matches.includes('add'));
});

test('nothing in comments and strings', () => {
  assert.deepEqual(complete('// kep|').matches, []);
  assert.deepEqual(complete('"kep|"').matches, []);
});

test('kinds and signatures', () => {
  const { types } = notebook.language.complete('obj.', 4);
  assert.deepEqual(types, [
    { text: 'alpha', type: 'property' },
    { text: 'beta', type: 'method', signature: '(): number' },
  ]);
});

const inspect = (text: string, detail: 0 | 1 = 0): string | undefined =>
  notebook.language.inspect(text.replace('|', ''), text.indexOf('|'), detail)?.['text/plain'];

test('signature, documentation, tags', () => {
  assert.equal(inspect('ke|pt'), 'const kept: 8\n\nKept for later.');
  assert.equal(inspect('kept|'), inspect('|kept'));
  assert.match(inspect('[1].ma|p')!, /Calls a defined callback.*\n\n@param callbackfn A function/s);
  assert.match(inspect('new Maker().ma|ke')!, /Maker\.make\(\): void\n\nMakes it\./);
  assert.match(
    inspect('ad|d')!,
    /add\(a: number, b: number\): number.*\n\nAdds numbers, see add\.\n\n@param a the first\n@returns their sum/s,
  );
  assert.match(inspect('console.lo|g')!, /Prints to `stdout`/);
  assert.match(inspect('Ma|th.PI')!, /Math/);
});

test('what is being called, from within the call', () => {
  for (const code of ['add(|', 'add(1, |', 'add(1, 2|)', 'add|(', 'add( |1, 2)']) {
    assert.match(inspect(code) ?? '', /add\(a: number/, code);
  }
  assert.match(inspect('obj.beta(|')!, /beta\(\): number/);
});

test('where a name comes from, and its source', () => {
  assert.match(
    inspect('add|', 1)!,
    /Defined in src\/alpha\.ts:7\n\nexport function add.*\{\n {2}return a \+ b;\n\}$/s,
  );
  assert.match(inspect('go|', 1)!, /Defined in In\[1\]:6\n\nfunction go\(mode/);
  assert.match(inspect('kept|', 1)!, /Defined in In\[1\]:4\n\nconst kept = 8;$/);
  assert.match(inspect('[1].ma|p', 1)!, /Defined in .*lib\.es5\.d\.ts:\d+$/);
});

test('a type, though its name alone in a cell is that of a value', () => {
  assert.equal(inspect('Mode|'), 'type Mode = "fast" | "slow"');
  assert.equal(inspect('?Mo|de'), inspect('Mode|'));
  assert.match(inspect('|Mode', 1)!, /Defined in In\[1\]:2\n\ntype Mode = 'fast' \| 'slow';$/);
  assert.match(inspect('Partial|')!, /^type Partial<T> = .*\n\nMake all properties in T optional$/s);
  assert.match(inspect('NodeJS|')!, /^namespace NodeJS/);
});

test('nothing', () => {
  for (const code of ['  | ', '1 |+ 1', '|', '// kep|t', '"kep|t"'])
    assert.equal(inspect(code), undefined, code);
});

test('Markdown', () => {
  const markdown = notebook.language.inspect('add', 2, 1)!['text/markdown']!;
  assert.match(markdown, /^```typescript\n.*add\(a: number, b: number\): number/);
  assert.match(markdown, /\n\*@param\* `a` the first\n/);
  assert.match(markdown, /Defined in `src\/alpha\.ts:7`\n\n```typescript\nexport function add/);
});

test('questions change nothing', async () => {
  complete('const kept = "text"; kept.|');
  assert.equal(await notebook.run('kept + 1'), 9);
});

test('anything at any position gets an answer', () => {
  for (const code of [
    'import { ',
    'import {',
    'class {',
    '@',
    '`${',
    'a.b.c(',
    '<T>(',
    'export *',
    '#!x',
    '\u0000',
    '😀',
    '))))',
    'type A = {',
    "import x from '",
    '/',
    '%time ke',
    '!ls',
    '?kept',
  ]) {
    for (let position = 0; position <= code.length; position++) {
      notebook.language.complete(code, position);
      notebook.language.inspect(code, position, 1);
    }
    notebook.language.isComplete(code);
    notebook.language.convert(code);
  }
});

test('the name that a question asks for', () => {
  for (const [code, typed, first] of [
    ['?kep|', 'kep', 'kept'],
    ['??obj.al|', 'al', 'alpha'],
    ['kept + 1;\n  ? ke|pt', 'kept', 'kept'],
    ['obj.be|ta?', 'beta', 'beta'],
    ['?%ti|', '%ti', '%%time'],
    ['const a = kept > 1\n  ? kep|\n  : 0', 'kep', 'kept'],
  ] as const) {
    const found = complete(code);
    assert.deepEqual({ ...found, matches: found.matches[0] }, { typed, matches: first }, code);
  }
  assert.deepEqual(complete('kept?|'), { typed: '', matches: [] });
  assert.deepEqual(complete('obj.beta??|'), { typed: '', matches: [] });
  for (const code of ['?kept', 'kept?']) {
    const found = notebook.language.inspect(code, 3, 0)?.['text/plain'];
    assert.match(String(found), /const kept: 8[^]*Kept for later/, code);
  }
});

test('a cell magic is complete with an empty line, a command without a backslash at its end', () => {
  for (const [code, status] of [
    ['%%bash', 'incomplete'],
    ['%%bash -x', 'incomplete'],
    ['%%bash\nls', 'incomplete'],
    ['%%bash\nfor i in 1 2; do\n  echo $i\ndone', 'incomplete'],
    ['%%bash\nls\n', 'complete'],
    ['\n%%writefile a.txt\ntext\n  ', 'complete'],
    ['%%time', 'incomplete'],
    ['%%time\nkept', 'complete'],
    ['%%time\nkept +', 'incomplete'],
    ['%%time\n)', 'invalid'],
    ['%%nosuch', 'complete'],
    ['!ls \\', 'incomplete'],
    ['const lines = !ls \\', 'incomplete'],
    ['!ls \\\n  -l', 'complete'],
    ['!echo \\\\', 'complete'],
    ['kept // \\', 'complete'],
  ] as const) {
    assert.equal(notebook.language.isComplete(code).status, status, JSON.stringify(code));
  }
});

test('in cells with magics', () => {
  assert.deepEqual(complete('%ti|').matches, ['%%time', '%time', '%timeit']);
  assert.deepEqual(complete('1;\n%ti|').matches, ['%time', '%timeit']);
  assert.deepEqual(complete('!echo hello\n%time [1].ma|').typed, 'ma');
  assert.ok(complete('!echo hello\n%time [1].ma|').matches.includes('map'));
  const code = '!echo hello\n%time [1].map(String)';
  const found = notebook.language.inspect(code, code.indexOf('map') + 1, 0)?.['text/plain'];
  assert.match(String(found), /map/);
});

test('letters of two units are part of the word that is completed', async () => {
  await notebook.run('const 𝒙bc = 1;');
  const { typed, matches } = complete('const q = 𝒙b|');
  assert.equal(typed, '𝒙b');
  assert.deepEqual(matches, ['𝒙bc']);
});

test('names in the braces of a command', () => {
  for (const [code, typed, first] of [
    ['!ls {kep|', 'kep', 'kept'],
    ['!ls -l {kep|t} > x', 'kept', 'kept'],
    ['!ls {kept}/{ob|', 'ob', 'obj'],
    ['!echo {obj.be|} {kept}', 'be', 'beta'],
    ['!echo {add(kept, ot|', 'ot', 'other'],
    ['  const lines = !cat {kep|}', 'kep', 'kept'],
    ['const hereOnly = 1\n!echo 1\n!echo {hereO|}\n!echo {kept}', 'hereO', 'hereOnly'],
    ['%cd {kep|}', 'kep', 'kept'],
    ['%%time\n!ls {kep|', 'kep', 'kept'],
    ['!echo {go("f|', 'f', 'fast'],
  ] as const) {
    const found = complete(code);
    assert.equal(found.typed, typed, code);
    assert.equal(found.matches[0], first, `${code}: ${found.matches.slice(0, 5).join()}`);
  }
  assert.ok(!complete('!ls {|').matches.includes('class'), 'a value begins with a name');
  for (const shells of [
    '!cat ../src/{sub,al|',
    '!cat ../src/${al|',
    '!cat ../src/{{al|',
    '%%bash\nls {kep|',
    '!ls {kept} kep|',
  ]) {
    const { matches } = complete(shells);
    assert.ok(
      !matches.some((name) => /^(?:kept|Array|alert)/.test(name)),
      `${shells}: ${matches.slice(0, 5).join()}`,
    );
  }
});

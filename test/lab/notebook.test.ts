/** `npm run notebook`, papermill and nbmake on small notebooks, with the real kernel. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { Folder, lab, root, run, type Outcome } from './support.ts';

const environment = await lab();
const skip = typeof environment === 'string' ? environment : false;
const { python, env } = typeof environment === 'string' ? { python: '', env: {} } : environment;
const folder = new Folder();
after(() => {
  folder.remove();
});

const notebook = (...args: string[]): Promise<Outcome> =>
  run(process.execPath, [path.join(root, 'scripts', 'lab', 'execute.mjs'), ...args], { cwd: folder.path });

/** Notebooks that must fail, the number of the cell that fails, and what is said. */
const FAILING: readonly [name: string, cells: readonly string[], cell: number, says: RegExp][] = [
  ['throws', ['1', '', 'throw new RangeError("too far")', 'console.log("never")'], 2, /RangeError: too far/],
  [
    'types',
    ['const x: number = 1', 'const y: string = x;\nconsole.log(y)'],
    2,
    /not assignable to type 'string'/,
  ],
  ['rejects', ['void Promise.reject(new Error("alone")); 1', '2'], 1, /alone/],
  [
    'timer',
    [
      // The second cell has begun when the timer of the first one throws, whenever it is sent.
      'let begun = false;\nconst timer = setInterval(() => { if (begun) { clearInterval(timer); throw new Error("late") } }, 20)',
      'begun = true;\nawait new Promise((resolve) => setTimeout(resolve, 3000))',
      '3',
    ],
    2,
    /late/,
  ],
  ['lastTimer', ['1', 'setTimeout(() => { throw new Error("last") }, 20)'], 2, /last/],
  [
    'dies',
    ['1', 'process.kill(process.pid, "SIGKILL"); await new Promise(() => undefined)', '3'],
    2,
    /[Dd]ied/,
  ],
];

describe('npm run notebook', { skip }, () => {
  for (const [name, cells, cell, says] of FAILING) {
    test(`fails: ${name}`, async () => {
      const file = folder.write(`${name}.ipynb`, cells);
      const before = fs.readFileSync(file, 'utf8');
      const { status, text } = await notebook('--in-place', file);
      assert.equal(status, 1, text);
      assert.match(text, new RegExp(`^FAIL .*${name}\\.ipynb \\(.* s\\), cell ${cell} of `, 'm'));
      assert.match(text, says);
      assert.equal(fs.readFileSync(file, 'utf8'), before, 'the notebook is left as it was');
    });
  }

  test('several notebooks: one that fails does not keep the others from running', async () => {
    const bad = folder.write('bad.ipynb', ['throw new Error("no")']);
    const good = folder.write('good.ipynb', ['console.log("yes")\n1 + 1']);
    const out = path.join(folder.path, 'out');
    fs.mkdirSync(out);
    const { status, text } = await notebook('--out', out, bad, good);
    assert.equal(status, 1, text);
    assert.match(text, /^FAIL .*bad[^]*^ok {3}.*good/m);
    assert.match(text, /^ {2}1\/1 +\d+\.\d s {2}console\.log/m);
    const outputs = folder.read('out/good.ipynb').cells[0]?.outputs ?? [];
    assert.deepEqual(outputs[0], { name: 'stdout', output_type: 'stream', text: ['yes\n'] });
    assert.ok(
      folder.read('out/bad.ipynb').cells[0]?.outputs?.some((output) => output['output_type'] === 'error'),
    );
    const { cells } = folder.read('good.ipynb');
    assert.deepEqual(cells[0]?.outputs, []);
  });

  test('in place, twice the same', async () => {
    const file = folder.write('same.ipynb', ['console.log("a")', '({ a: 1 })']);
    assert.equal((await notebook('--in-place', file)).status, 0);
    const first = fs.readFileSync(file, 'utf8');
    assert.match(first, /"text\/plain"/);
    assert.equal((await notebook('--in-place', file)).status, 0);
    assert.equal(fs.readFileSync(file, 'utf8'), first);
  });

  test('what a timer writes later stays under its cell', async () => {
    const file = folder.write('late.ipynb', [
      'setTimeout(() => console.log("from one"), 200)\n0;',
      'await new Promise((r) => setTimeout(r, 600)); console.log("from two")',
    ]);
    const { status, text } = await notebook('--in-place', file);
    assert.equal(status, 0, text);
    const texts = folder
      .read('late.ipynb')
      .cells.map(({ outputs = [] }) =>
        outputs.filter(({ name }) => name === 'stdout').flatMap((output) => output['text']),
      );
    assert.deepEqual(texts, [['from one\n'], ['from two\n']]);
  });

  test('a cell that takes too long', async () => {
    const file = folder.write('slow.ipynb', ['await new Promise((r) => setTimeout(r, 60_000))']);
    const { status, text } = await notebook('--timeout', '2', file);
    assert.equal(status, 1, text);
    assert.match(text, /cell 1 of 1\n[^]*did not end within 2 s/);
  });

  test('Ctrl-C stops kernel and all', async () => {
    const file = folder.write('stop.ipynb', ['console.log(1)', 'for (;;) {}']);
    const { status, text } = await run(
      process.execPath,
      [path.join(root, 'scripts', 'lab', 'execute.mjs'), file],
      { interruptAt: /1\/2/ },
    );
    assert.equal(status, 130, text);
    assert.match(text, /Stopped\./);
    assert.doesNotMatch(text, /Traceback/);
  });

  test('wrong usage ends with 2 and says why', async () => {
    const file = folder.write('usage.ipynb', ['1']);
    const CASES: readonly [args: string[], says: RegExp][] = [
      [[], /Which notebook\?[^]*Usage/],
      [['--inplace', file], /Unknown option '--inplace'[^]*--help` lists/],
      [['missing.ipynb'], /missing\.ipynb: there is no such notebook/],
      [['--timeout', 'x', file], /--timeout takes a number/],
      [['--out'], /'-o, --out <value>' argument missing/],
      [['-p', 'a', file], /needs a value for a|Which notebook/],
      [['--in-place', '--out', 'x', file], /exclude/],
      [['--in-place', '-p', 'a', '1', file], /use --out/],
      [['--html', file], /--html needs/],
      [['--profile', 'quik', file], /--profile takes smoke, quick, full, not quik/],
      [['--all', file], /--all and a notebook exclude each other/],
      [['--save', '--html', file], /--save .* goes with --timeout only/],
      [['--out', 'x.ipynb', file, file], /has to be a folder/],
    ];
    for (const [args, says] of CASES) {
      const { status, text } = await notebook(...args);
      assert.equal(status, 2, text);
      assert.match(text, says);
    }
    const help = await notebook('--help');
    assert.equal(help.status, 0);
    assert.match(help.text, /Examples:/);
  });

  test('--profile sets the parameter', async () => {
    const declared = "// parameters\nconst profile: 'smoke' | 'quick' | 'full' = 'quick';";
    const file = folder.write('profile.ipynb', [
      declared,
      'console.log({ smoke: 1, quick: 2, full: 3 }[profile])',
    ]);
    const out = path.join(folder.path, 'profiled.ipynb');
    const { status, text } = await notebook('--profile', 'full', '--out', out, file);
    assert.equal(status, 0, text);
    assert.deepEqual(folder.read('profiled.ipynb').cells.at(-1)?.outputs?.[0]?.['text'], ['3\n']);
  });

  test('a kernel that is not there', async () => {
    const { status, text } = await notebook(folder.write('nokernel.ipynb', ['1'], 'no-such-kernel'));
    assert.equal(status, 1, text);
    assert.match(text, /There is no kernel no-such-kernel/);
    assert.doesNotMatch(text, /Traceback/);
  });
});

/** A cell that declares parameters, one that says what they are. */
const PARAMETERS = [
  "// parameters\nconst profile: 'quick' | 'full' = 'full';\nconst widths: number[] = [];\nconst rate = 1;",
  'console.log(JSON.stringify([profile, widths, String(rate)]))',
];

describe('parameters', { skip }, () => {
  test('npm run notebook -p', async () => {
    const file = folder.write('p.ipynb', PARAMETERS);
    const out = path.join(folder.path, 'p-out.ipynb');
    const args = [
      '-p',
      'profile',
      'quick',
      '-p',
      'widths',
      '[16, 32]',
      '-p',
      'rate',
      'inf',
      '--out',
      out,
      file,
    ];
    const { status, text } = await notebook(...args);
    assert.equal(status, 0, text);
    const [, injected, shown] = folder.read('p-out.ipynb').cells;
    assert.deepEqual(injected?.metadata.tags, ['injected-parameters']);
    assert.match([injected.source].flat().join(''), /^const profile: 'quick' \| 'full' = "quick";$/m);
    assert.deepEqual(shown?.outputs?.[0]?.['text'], ['["quick",[16,32],"Infinity"]\n']);
  });

  test('a value that the notebook does not take is a type error; an unknown name is said', async () => {
    const file = folder.write('q.ipynb', PARAMETERS);
    const { status, text } = await notebook('-r', 'profile', '5', '-p', 'depth', '3', file);
    assert.equal(status, 1, text);
    assert.match(text, /cell 2 of 3/);
    assert.match(text, /'"5"' is not assignable/);
    assert.match(text, /declares no parameter depth/);
  });

  test('papermill itself', async () => {
    const file = folder.write('r.ipynb', PARAMETERS);
    const out = path.join(folder.path, 'r-out.ipynb');
    const papermill = [
      '-m',
      'papermill',
      file,
      out,
      '-p',
      'profile',
      'quick',
      '-y',
      'widths: [1]',
      '-p',
      'rate',
      '2',
    ];
    const { status, text } = await run(python, papermill, { env, cwd: folder.path });
    assert.equal(status, 0, text);
    assert.doesNotMatch(text, /unknown parameter/);
    assert.deepEqual(folder.read('r-out.ipynb').cells[2]?.outputs?.[0]?.['text'], ['["quick",[1],"2"]\n']);
    const list = await run(python, ['-m', 'papermill', '--help-notebook', file], { env, cwd: folder.path });
    assert.match(list.text, /profile: 'quick' \| 'full' \(default 'full'\)/);
  });

  test('every kind of value arrives as it was', { timeout: 120_000 }, async () => {
    const program = `
import json, sys, papermill, nbformat
from papermill.translators import papermill_translators
values = {
  'text': 'a"b\\\\c\\n\\t\\u2028\\u00e9\\U0001f600\`\${x}</script>', 'empty': '', 'whole': -5, 'half': 0.1, 'large': 1e300,
  'yes': True, 'none': None, 'list': [1, 'a', None, [True]], 'nothing': [], 'table': {'a b': {'x': [1.5]}, '__proto__': 1, '1': 'c'},
}
special = {'inf': float('inf'), 'minus': float('-inf'), 'nan': float('nan'), 'big': 2**60}
nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
  'console.log(JSON.stringify({ ' + ', '.join(values) + ' }))\\nconsole.log([inf, minus, nan, big].map(String).join())')],
  metadata={'kernelspec': {'name': 'tslab', 'display_name': '', 'language': 'typescript'}})
nbformat.write(nb, 'in.ipynb')
out = papermill.execute_notebook('in.ipynb', 'values.ipynb', {**values, **special}, progress_bar=False)
lines = out.cells[1].outputs[0].text.split('\\n')
assert json.loads(lines[0]) == values, lines[0]
assert lines[1] == f'Infinity,-Infinity,NaN,{2**60}', lines[1]
`;
    const { status, text } = await run(python, ['-c', program], { env, cwd: folder.path });
    assert.equal(status, 0, text);
  });

  test('a failing cell fails papermill', async () => {
    const file = folder.write('s.ipynb', ['1', 'throw new Error("here")']);
    const { status, text } = await run(python, ['-m', 'papermill', file, '/dev/null'], {
      env,
      cwd: folder.path,
    });
    assert.notEqual(status, 0);
    assert.match(text, /Error: here/);
  });
});

describe('nbmake and nbclient', { skip }, () => {
  test('one test fails for each notebook that does, and only for those', async () => {
    const tests = new Folder();
    try {
      for (const [name, cells] of FAILING) if (name !== 'lastTimer') tests.write(`${name}.ipynb`, cells);
      tests.write('good.ipynb', ['const x = 1', 'x + 1']);
      const args = [
        '-m',
        'pytest',
        '-p',
        'no:cacheprovider',
        '--nbmake',
        '--nbmake-timeout',
        '300',
        tests.path,
      ];
      const { status, text } = await run(python, args, { env, cwd: tests.path });
      assert.equal(status, 1, text);
      assert.match(text, new RegExp(`${FAILING.length - 1} failed, 1 passed`));
      for (const [name, , , says] of FAILING) if (!/Timer|dies/.test(name)) assert.match(text, says);
    } finally {
      tests.remove();
    }
  });

  test('jupyter execute fails', async () => {
    const file = folder.write('t.ipynb', ['throw new Error("here")']);
    const { status, text } = await run(python, ['-m', 'jupyter', 'execute', file], { env, cwd: folder.path });
    assert.notEqual(status, 0);
    assert.match(text, /Error: here/);
  });
});

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { createMagic, type Magic } from '../../../src/kernel/execution/magic.ts';
import { describeDuration } from '../../../src/kernel/execution/timing.ts';

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'msl-magic-')));
after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Waits for what comes within a minute, also on a machine with other work. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    assert.ok(performance.now() < end, `not within a minute: ${holds.toString()}`);
    await sleep(20);
  }
}

interface Tried {
  readonly magic: Magic;
  readonly out: () => string;
  readonly err: () => string;
  readonly shown: object[];
}

function kernel(input?: string, signal?: AbortSignal): Tried {
  const text = { stdout: '', stderr: '' };
  const shown: object[] = [];
  const names = new Map<string, unknown>([
    ['rows', [1, 2, 3]],
    ['total', 6],
    ['model', new Map([['a', 1]])],
    ['trap', new Proxy({}, { getPrototypeOf: () => assert.fail('asked') })],
    ['zero', { dtype: 'int32', shape: [2, 3], isDisposed: false, dataSync: () => assert.fail('asked') }],
  ]);
  const magic = createMagic({
    print: (stream, more) => (text[stream] += more),
    display: (data) => shown.push(data),
    names: () => names,
    reset: () => {
      names.clear();
    },
    folder,
    run: (file) =>
      file.endsWith('gone.ts')
        ? (createRequire(file)(file) as unknown)
        : { file, argv: process.argv.slice(1) },
    inspect: (name) => Promise.resolve(name === 'rows' ? { 'text/plain': 'rows: number[]' } : undefined),
    input: () => (input === undefined ? Promise.reject(new Error('no')) : Promise.resolve(input)),
    signal: () => signal,
    interruption: () => new Error('stopped'),
  });
  return { magic, out: () => text.stdout, err: () => text.stderr, shown };
}

describe('commands', { skip: process.platform === 'win32' }, () => {
  test('output of both streams, values in the text, and the exit status', async () => {
    const { magic, out, err } = kernel();
    await magic.shell('echo ', ['a b'], ' ', [['x', 2]], '; echo wrong >&2; exit 3');
    assert.equal(out(), 'a b x 2\n');
    assert.equal(err(), 'wrong\n(exit status 3)\n');
  });

  test('the lines of a command as a value', async () => {
    const { magic, out, err } = kernel();
    assert.deepEqual(await magic.lines("printf 'a b\\r\\n\\nc\\n'; echo wrong >&2; exit 2"), [
      'a b',
      '',
      'c',
    ]);
    assert.deepEqual(await magic.lines('true'), []);
    assert.deepEqual([out(), err()], ['', 'wrong\n(exit status 2)\n']);
  });

  test('output appears while the command runs, letters of several bytes whole', async () => {
    const { magic, out } = kernel();
    const seen = path.join(folder, 'seen');
    const ended = magic.shell(
      `printf 'a\\xe2\\x82'; until [ -e '${seen}' ]; do sleep 0.02; done; printf '\\xac b'`,
    );
    await until(() => out() !== '');
    assert.equal(out(), 'a');
    fs.writeFileSync(seen, '');
    await ended;
    assert.equal(out(), 'a€ b');
  });

  test('an unknown command says so and does not fail the cell', async () => {
    const { magic, err } = kernel();
    await magic.shell('no-such-command-here');
    assert.match(err(), /no-such-command-here: (command )?not found[^]*\(exit status 127\)/);
  });

  test('an interrupt ends the command and its children', async () => {
    const stop = new AbortController();
    const { magic, out } = kernel(undefined, stop.signal);
    const file = path.join(folder, 'ticks');
    const ended = magic.shell(
      `sh -c 'trap "" INT; echo on; while true; do echo >> ${file}; sleep 0.02; done'; echo not reached`,
    );
    await until(() => out() !== '' && fs.existsSync(file));
    stop.abort();
    await assert.rejects(ended, /stopped/);
    await sleep(50);
    const { size } = fs.statSync(file);
    await sleep(200);
    assert.equal(fs.statSync(file).size, size);
    assert.equal(out(), 'on\n');
  });

  test('the signal of a cell ends only its own commands', async () => {
    const stop = new AbortController();
    const { magic, out } = kernel(undefined, stop.signal);
    const ended = magic.shell('sleep 60');
    const other = kernel();
    const stays = other.magic.shell('sleep 0.5; echo stays');
    stop.abort();
    await assert.rejects(ended, /stopped/);
    await assert.rejects(magic.shell('echo not begun'), /stopped/);
    await stays;
    assert.deepEqual([out(), other.out()], ['', 'stays\n']);
  });

  test('one that leaves a child behind is over when it ends', async () => {
    const { magic, out } = kernel();
    await magic.shell('sleep 60 & echo $!');
    process.kill(Number(out())); // which is still there, or this throws
  });

  test('all of a long output comes, 10 MB', async () => {
    const { magic, out } = kernel();
    await magic.shell('head -c 10000000 /dev/zero | tr "\\0" x');
    assert.equal(out().length, 1e7);
  });

  test('a script gets its arguments and fails with its status', async () => {
    const { magic, out, err } = kernel();
    await magic.script('bash', 'x=1\necho $x\n');
    await assert.rejects(magic.script('sh', 'echo late\nexit 4', '-e'), /sh ended with status 4/);
    const { signal } = new AbortController();
    await assert.rejects(kernel(undefined, signal).magic.script('no-such-program', 'x'), /ENOENT/);
    assert.deepEqual(getEventListeners(signal, 'abort'), [], 'nothing of it waits for an interrupt');
    assert.equal(out(), '1\nlate\n');
    assert.equal(err(), '');
  });
});

describe('the others', () => {
  test('time', async () => {
    const { magic, out } = kernel();
    assert.equal(magic.timed(magic.time(), 7), 7);
    magic.time('cell');
    await sleep(50);
    magic.timed('cell');
    assert.match(out(), /^CPU times: user .*, sys .*, total .*\nWall time: \d/);
    // Clocks are not exact: what slept 50 ms has taken 40 at least.
    const [, milliseconds, seconds] = /Wall time: (?:([\d.]+) ms|([\d.]+) s)\n$/.exec(out())!;
    assert.ok(Number(milliseconds ?? 1000 * Number(seconds)) >= 40, out());
    magic.timed(magic.time(), Promise.resolve());
    assert.match(out(), /promise; `%time await/);
  });

  test('durations', () => {
    const cases: [number, string][] = [
      [0.000012, '12 ns'],
      [0.0123, '12.3 µs'],
      [1.234, '1.23 ms'],
      [1234, '1.23 s'],
      [61_000, '1 min 1 s'],
      [119_999, '2 min 0 s'],
      [7_500_000, '2 h 5 min'],
      [0, '0 s'],
    ];
    for (const [ms, text] of cases) assert.equal(describeDuration(ms), text);
  });

  test('timeit counts the loops that it is told', async () => {
    const { magic, out } = kernel();
    let runs = 0;
    await magic.timeit({ loops: 5, repeats: 2 }, () => runs++);
    assert.equal(runs, 10);
    const began = performance.now();
    await magic.timeit({ loops: undefined, repeats: 1 }, () => sleep(30));
    const most = performance.now() - began;
    const [, mean, unit] =
      /per loop \(mean ± std\. dev\. of 2 runs, 5 loops each\)\n([\d.]+) (ms|s) ± 0 s per loop/.exec(out())!;
    const milliseconds = Number(mean) * (unit === 's' ? 1000 : 1);
    // To the three digits that are shown; clocks are not exact.
    assert.ok(milliseconds > 25 && milliseconds <= most * 1.01, `${milliseconds} ms of ${most} ms: ${out()}`);
  });

  test('env shows, sets and hides', () => {
    const { magic, out } = kernel();
    magic.env('MSL_TRY', 'a ', [5]);
    assert.equal(process.env['MSL_TRY'], 'a 5');
    magic.env('MSL_TRY');
    delete process.env['MSL_TRY'];
    magic.env('MSL_TRY');
    const secrets = { MSL_TRY_TOKEN: 'hush', MSL_TRY_PWD: 'hush', MSL_TRY_PASS: 'hush' };
    Object.assign(process.env, secrets, { MSL_TRY_QUEUE: 'redis://:hu:sh@host:6379, http://hush@b/c' });
    magic.env();
    for (const name of [...Object.keys(secrets), 'MSL_TRY_QUEUE']) Reflect.deleteProperty(process.env, name);
    assert.match(out(), /^MSL_TRY=a 5\na 5\nMSL_TRY is not set\n/);
    for (const name of Object.keys(secrets)) assert.ok(out().includes(`\n${name}=<hidden>\n`), name);
    assert.match(out(), /^MSL_TRY_QUEUE=redis:\/\/<hidden>@host:6379, http:\/\/<hidden>@b\/c$/m);
    assert.match(out(), /^PATH=.+\//m);
    assert.doesNotMatch(out(), /hu:?sh/);
  });

  test('cd goes there, back and home', () => {
    const { magic } = kernel();
    const here = process.cwd();
    try {
      magic.cd(folder);
      assert.equal(magic.pwd(), folder);
      magic.cd('-');
      assert.equal(magic.pwd(), here);
      assert.throws(() => {
        magic.cd(path.join(folder, 'missing'));
      }, /^Error: There is no folder .*missing$/);
      magic.cd('-');
      assert.equal(magic.pwd(), folder);
    } finally {
      process.chdir(here);
    }
  });

  test('who and whos', async () => {
    const { magic, out } = kernel();
    magic.who();
    magic.whos();
    assert.match(out(), /^model {2}rows {2}total {2}trap {2}zero\n/);
    assert.match(out(), /^rows +Array +Array\(3\) \[1, 2, 3\]$/m);
    assert.match(out(), /^model +Map +Map\(1\) \{ 'a' => 1 \}$/m);
    assert.match(out(), /^trap +object +Proxy$/m);
    assert.match(out(), /^zero +Object +Tensor int32 \[2, 3\]$/m);
    await magic.reset(true);
    magic.who();
    assert.match(out(), /no names yet\.\n$/);
  });

  test('reset asks, and needs somebody to ask', async () => {
    await assert.rejects(kernel().magic.reset(false), /%reset -f/);
    const no = kernel('');
    await no.magic.reset(false);
    no.magic.who();
    assert.match(no.out(), /Nothing was forgotten\.\nmodel/);
    const yes = kernel('y');
    await yes.magic.reset(false);
    yes.magic.who();
    assert.match(yes.out(), /no names yet/);
  });

  test("run gives a file of the notebook's folder its name and arguments, wherever one is", async () => {
    const { magic } = kernel();
    const { argv } = process;
    const file = path.join(folder, 'x.ts');
    assert.deepEqual(await magic.run('./x.ts', ['a', 'b']), { file, argv: [file, 'a', 'b'] });
    await assert.rejects(magic.run('gone.ts', []), /^Error: There is no file .*gone\.ts$/);
    assert.equal(process.argv, argv);
  });

  test('help', async () => {
    const { magic, out, shown } = kernel();
    await magic.help('rows', 0);
    assert.deepEqual(shown, [{ 'text/plain': 'rows: number[]' }]);
    await magic.help('nothing', 0);
    await magic.help('%time', 0);
    await magic.help('%%bash', 0);
    await magic.help('%x', 0);
    await magic.help('%%constructor', 0);
    assert.match(
      out(),
      /^Nothing is known of nothing\.\n%time STATEMENT.*\n%%bash: .*\nThere is no magic %x\.\nThere is no magic %%constructor\.\n$/,
    );
    await magic.help('', 0);
    assert.match(out(), /%lsmagic[^]*%%html[^]*!COMMAND/);
  });

  test('show and writefile', () => {
    const { magic, out, shown } = kernel();
    magic.show('text/html', '<b>x</b>');
    assert.deepEqual(shown, [{ 'text/html': '<b>x</b>', 'text/plain': '<b>x</b>' }]);
    const file = path.join(folder, 'a.txt');
    magic.writeFile(file, 'a', false);
    magic.writeFile(file, 'b\n', true);
    assert.equal(fs.readFileSync(file, 'utf8'), 'a\nb\n');
    magic.writeFile(file, '', false);
    assert.equal(fs.readFileSync(file, 'utf8'), '');
    assert.match(out(), /^Wrote .*\nAppended to .*\nOverwrote /);
  });

  test('~ is the home folder', { skip: process.platform === 'win32' }, () => {
    const { magic } = kernel();
    const here = process.cwd();
    const home = process.env['HOME'];
    process.env['HOME'] = folder;
    try {
      magic.writeFile('~/b.txt', 'b\n', false);
      assert.equal(fs.readFileSync(path.join(folder, 'b.txt'), 'utf8'), 'b\n');
      magic.cd('~');
      assert.equal(magic.pwd(), folder);
    } finally {
      process.chdir(here);
      if (home === undefined) delete process.env['HOME'];
      else process.env['HOME'] = home;
    }
  });
});

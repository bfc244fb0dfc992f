import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { preload } from '../support/preload.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';

const bin = fileURLToPath(new URL('../../bin/msl', import.meta.url));

interface Result {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe('msl', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-cli-'));
    writeTinyCifar(path.join(root, 'data'));
    writeFileSync(
      path.join(root, 'tiny.json'),
      JSON.stringify({
        split: { train: 120, validation: 40 },
        network: { widths: [4, 8], convolutions: 1 },
        loss: { msl: {} },
        epochs: 3,
        batchSize: 20,
      }),
    );
  });
  after(() => {
    rmSync(root, { recursive: true, maxRetries: 5 });
  });

  /** Runs the command line in the test's folder. */
  const msl = (
    args: readonly string[],
    options: { readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<Result> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: root,
        env: {
          ...process.env,
          MSL_DATA: path.join(root, 'data'),
          MSL_RUNS: path.join(root, 'runs'),
          ...options.env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      let err = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.on('error', reject).on('close', (status) => {
        resolve({ status, out, err });
      });
    });

  test('--help of every command has an example', async () => {
    for (const command of [
      [],
      ['doctor'],
      ['data', 'list'],
      ['data', 'fetch'],
      ['data', 'verify'],
      ['data', 'import'],
      ['data', 'show'],
      ['train'],
      ['spec', 'show'],
      ['spec', 'schema'],
      ['evaluate'],
      ['predict'],
      ['runs', 'list'],
      ['runs', 'compare'],
      ['runs', 'rm'],
      ['clean'],
      ['losses'],
      ['study', 'list'],
      ['study', 'run'],
      ['study', 'status'],
      ['study', 'report'],
      ['report'],
    ]) {
      const { status, out } = await msl([...command, '--help']);
      assert.equal(status, 0, command.join(' '));
      assert.match(out, /Examples?:\n +\$ msl /, command.join(' '));
    }
  });

  test('wrong usage ends with 2 and names the nearest', async () => {
    const cases: [readonly string[], RegExp][] = [
      [['trian'], /unknown command 'trian'[^]*train/],
      [['nix'], /unknown command 'nix'\nWhat there is: msl --help\n$/],
      [['study', 'run', 'x', '--nix'], /unknown option '--nix'\nWhat there is: msl study run --help\n$/],
      [['help', 'nix'], /^There is no command 'nix'\. Known: doctor, /],
      [['help', 'trian'], /^There is no command 'trian'\. Did you mean 'train'\?/],
      [['help', 'study', 'staus'], /^There is no command of study 'staus'\. Did you mean 'status'\?/],
      [
        ['study', 'help', 'rnu'],
        /^There is no command of study 'rnu'\. Did you mean 'run'\? Known: list, run, /,
      ],
      [['train', 'help'], /The specification 'help' has to be a file/],
      [
        ['train', 'tiny.json', '--set', 'split.train=1000'],
        /split asks for 40 validation and 1000 training images/,
      ],
      [['train'], /missing required argument 'spec'/],
      [['train', 'tiny.json', '--ouut', 'x'], /unknown option '--ouut'[^]*--out/],
      [['train', 'tiny.json', '--set', 'epoch=3'], /'epoch' \(did you mean 'epochs'\?\)/],
      [['train', 'tiny.json', '--set', 'epochs'], /write PATH=VALUE/],
      [['study', 'run', 'early-satuation'], /Did you mean 'early-saturation'/],
      [['study', 'run', 'early-saturation', '--profile', 'quik'], /Did you mean 'quick'/],
      [
        ['report', 'early-satuation'],
        /There is no run 'early-satuation'[^]*A study is a name of msl study list.*Did you mean 'early-saturation'/,
      ],
      [
        ['study', 'status', 'early-saturation', '--watch', '--json'],
        /--watch .* --json .* Leave one of them out/,
      ],
      [['data', 'fetch', 'cifar1'], /Did you mean 'cifar10'/],
    ];
    for (const [args, expected] of cases) {
      const { status, out, err } = await msl(args);
      assert.equal(status, 2, `${args.join(' ')}: ${err}`);
      assert.match(err, expected);
      assert.doesNotMatch(err, /\n +at /, 'no stack trace');
      assert.equal(out, '');
    }
    // Nothing was begun, and no folder of records is announced.
    const { err: asked } = await msl(['train', 'tiny.json', '--set', 'split.train=1000', '--out', 'never']);
    assert.doesNotMatch(asked, /Records/);
    assert.ok(!existsSync(path.join(root, 'never')));
    const { status, err } = await msl(['doctor'], { env: { MSL_ENGINE: 'tensorflw' } });
    assert.equal(status, 2);
    assert.match(err, /MSL_ENGINE: There is no engine 'tensorflw'\. Did you mean 'tensorflow'/);
  });

  test('help of a command by its name, also of one within another', async () => {
    for (const args of [
      ['help', 'study', 'run'],
      ['study', 'help', 'run'],
      ['study', 'run', '--help'],
    ]) {
      const { status, out } = await msl(args);
      assert.equal(status, 0);
      assert.match(out, /^Usage: msl study run /, args.join(' '));
    }
    assert.match((await msl(['help'])).out, /^Usage: msl \[options\]/);
  });

  test('a file that is no specification, or not there, ends with 2 and one clear sentence', async () => {
    writeFileSync(path.join(root, 'broken.json'), '{');
    for (const [file, expected] of [
      ['broken.json', /'broken\.json' is no valid JSON/],
      ['nowhere.json', /'nowhere\.json' cannot be read: there is no such file\.\n$/],
    ] as const) {
      const { status, err } = await msl(['train', file, '--set', 'epochs=1']);
      assert.equal(status, 2);
      assert.match(err, expected);
      assert.doesNotMatch(err, /\n +at /);
    }
  });

  test('train: one JSON document on standard output, the rest on standard error', async () => {
    const { status, out, err } = await msl(['train', 'tiny.json', '--json']);
    assert.equal(status, 0, err);
    assert.match(err, /^Records: runs.train.tiny.seed-1-/m);
    const { folder, summary } = JSON.parse(out) as {
      folder: string;
      summary: { status: string; epochs: number };
    };
    assert.equal(summary.status, 'finished');
    assert.match(folder, /train.tiny.seed-1-[0-9a-f]{8}$/);
    assert.equal(readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n').length, 3);
    for (const file of ['spec.json', 'environment.json', 'summary.json', 'projection.json']) {
      assert.ok(existsSync(path.join(folder, file)), file);
    }
    assert.doesNotMatch(err, /oneDNN|absl|looks like you are running/, 'no noise of the engine');
  });

  test('train: the result for people', async () => {
    const { status, out } = await msl(['train', 'tiny.json']);
    assert.equal(status, 0);
    assert.match(out, /test error +\d+\.\d+ % of 60 images/);
    assert.match(out, /stage2 +5-NN accuracy/);
  });

  for (const [signal, name] of [
    ['SIGINT', 'Ctrl-C'],
    ['SIGTERM', 'SIGTERM'],
  ] as const) {
    test(`${name} stops with 130 and says how to go on; the same command goes on`, async () => {
      const args = ['train', 'tiny.json', '--set', 'epochs=40', '--out', signal];
      const metrics = path.join(root, signal, 'metrics.jsonl');
      const lines = () => (existsSync(metrics) ? readFileSync(metrics, 'utf8').split('\n').length - 1 : 0);
      const { status, err } = await msl(args, {
        env: preload({ file: 'signalAtEpoch.mjs', signal, metrics }),
      });
      assert.equal(status, 130, err);
      assert.match(err, /Stopped\. What is recorded stays; the same command goes on from there\./);
      const stopped = lines();
      assert.ok(stopped >= 2 && stopped < 40, `${stopped} epochs`);
      const again = await msl([
        ...args.slice(0, 2),
        '--set',
        'epochs=40',
        '--out',
        signal,
        '--resume',
        '--json',
      ]);
      assert.equal(again.status, 0, again.err);
      assert.equal(lines(), 40);
    });
  }

  test('train --resume without a run is an error that says so', async () => {
    const { status, err } = await msl(['train', 'tiny.json', '--out', 'nothing', '--resume']);
    assert.equal(status, 1);
    assert.match(err, /There is no run in .*nothing to resume/);
  });

  test('study: status, run, report', async () => {
    const small = {
      name: 'small',
      title: 'Small',
      base: { network: { widths: [4, 8] }, batchSize: 20 },
      arms: [
        { name: 'ce', title: 'CE', set: { 'loss.msl': null } },
        { name: 'msl', title: 'CE + MSL', set: { 'loss.msl': {} } },
      ],
      seeds: [1, 2],
      profiles: { smoke: { set: { 'split.train': 120, 'split.validation': 40, epochs: 2 } } },
    };
    writeFileSync(path.join(root, 'small.json'), JSON.stringify(small));
    const study = (verb: string, ...more: string[]) =>
      msl(['study', verb, 'small.json', '--profile', 'smoke', ...more]);
    writeFileSync(path.join(root, 'lost.json'), JSON.stringify({ ...small, base: { dataset: 'cifar01' } }));
    const lost = await msl(['study', 'status', 'lost.json']);
    assert.deepEqual([lost.status, lost.out.includes('0 of 4 runs are complete')], [0, true]);
    assert.match(lost.err, /There is no data set 'cifar01'. Did you mean 'cifar10'/);
    const before = await study('status');
    assert.equal(before.err, '');
    assert.match(before.out, /CE + seed 1 +not begun +0 of 2 epochs/);
    const none = await study('report');
    assert.equal(none.status, 1);
    assert.match(none.err, /No run of small \(smoke\) is complete/);
    const large = await study('run', '--set', 'split.train=1000');
    assert.equal(large.status, 2);
    assert.match(large.err, /CE, seed 1: The split asks for 40 validation and 1000 training images/);
    const run = await study('run', '--json');
    assert.equal(run.status, 0, run.err);
    const { runs, report } = JSON.parse(run.out) as {
      runs: { arm: string; seed: number; folder: string }[];
      report: string;
    };
    const folders = runs.map(({ folder }) => folder);
    assert.deepEqual(
      runs.map(({ arm, seed }) => `${arm} ${seed}`),
      ['ce 1', 'msl 1', 'ce 2', 'msl 2'],
    );
    assert.match(readFileSync(report, 'utf8'), /<!doctype html>/i);
    const again = await study('run');
    assert.match(again.err, /All 4 runs of small \(smoke\) are complete/);
    assert.match(again.out, /reconstruction/);
    const after = await study('status');
    assert.match(after.out, /CE \+ MSL +seed 2 +complete/);
    const markdown = await study('report', '--format', 'md');
    assert.match(markdown.out, /^## Small[^]*\| seed 2 \| \d+\.\d\d \|/);
    const saving = ['--save', 'results', '--predictions', 'msl', '--out', 'tables', '--format', 'csv'];
    const saved = await study('report', ...saving);
    assert.match(saved.err, /Written: .*runs\.csv[^]*predictions\.json[^]*Written: .*test-error\.csv/);
    const unsaved = await study('report', '--predictions', 'msl');
    assert.equal(unsaved.status, 2);
    assert.match(unsaved.err, /--predictions goes with --save/);
    const renamed = await study('report', '--set', 'epochs=3', '--save', 'results');
    assert.equal(renamed.status, 2);
    assert.match(renamed.err, /--set does not go with --save.*under the name of small/);
    const fromKept = (folder: string, ...more: string[]) =>
      msl([...['study', 'report', 'small.json', '--profile', 'smoke', '--from', folder], ...more]);
    const kept = await fromKept('results', '--format', 'md');
    assert.equal(kept.out, markdown.out);
    // Without a profile it is that which is kept, here not the usual one.
    const { smoke } = small.profiles;
    writeFileSync(
      path.join(root, 'small.json'),
      JSON.stringify({ ...small, profiles: { quick: {}, smoke } }),
    );
    const alone = await msl(['study', 'report', 'small.json', '--from', 'results', '--format', 'md']);
    assert.equal(alone.out, markdown.out, alone.err);
    const json = JSON.parse((await fromKept('results', '--json')).out) as {
      runs: unknown[];
    };
    assert.equal(json.runs.length, 4);
    const wrong = await study('report', '--format', 'pdf');
    assert.equal(wrong.status, 2);
    assert.match(wrong.err, /Allowed choices are text, md, csv, latex, html, json/);
    const page = await msl(['report', path.join('results', 'small', 'smoke'), '--out', 'pages']);
    assert.equal(page.status, 0, page.err);
    assert.match(page.out, /Page: .*report\.html/);
    const ofRun = await msl(['report', `ce/${path.basename(folders[0]!)}`, '--json', '--out', 'pages']);
    assert.equal(ofRun.status, 0, ofRun.err);
    const written = readFileSync((JSON.parse(ofRun.out) as { report: string }).report, 'utf8');
    assert.match(written, /id="confusion"[^]*id="mistakes"[^]*id="distances"/);
    const blind = await msl(['report', folders[0]!, '--png', '--out', 'pages'], {
      env: { CHROME_PATH: 'nowhere', MSL_CHROMIUM: '' },
    });
    assert.equal(blind.status, 1);
    assert.match(blind.err, /drawn by Chromium or Chrome[^]*CHROME_PATH/);
    const typo = await msl(['report', 'early-satuation']);
    assert.equal(typo.status, 2);
    assert.match(typo.err, /Did you mean 'early-saturation'/);
    const nowhere = await fromKept('nowhere');
    assert.equal(nowhere.status, 1);
    assert.match(nowhere.err, /nowhere.*study\.json is not there/);

    // One run is kept, and gone from here: it stays published, and is not made again.
    const csv = path.join(root, 'results', 'small', 'smoke', 'runs.csv');
    const published = readFileSync(csv, 'utf8');
    rmSync(folders[3]!, { recursive: true });
    const parts = await study('report', '--save', 'results');
    assert.equal(parts.status, 0, parts.err);
    assert.match(parts.err, /Of 4 runs 3 are from here; 1 was kept in .*smoke and stays/);
    assert.equal(readFileSync(csv, 'utf8'), published);
    const networkGone = await study('report', '--save', 'results', '--predictions', 'ce,msl');
    assert.equal(networkGone.status, 2);
    assert.match(networkGone.err, /--predictions msl .* seed 2/);
    const missing = await study('status', '--missing-in', 'results', '--json');
    assert.equal(missing.out.trim(), '[]');
    for (const command of ['run', 'status']) {
      const nothing = await study(command, '--missing-in', 'results');
      assert.equal(nothing.status, 0, nothing.err);
      assert.match(nothing.err, /No run of small \(smoke\) is missing in results/);
    }
    const noRun = await study('run', '--missing-in', 'results', '--json');
    assert.deepEqual(JSON.parse(noRun.out), { name: 'small', profile: 'smoke', runs: [] });
    const mistyped = await study('run', '--missing-in', 'resluts');
    assert.equal(mistyped.status, 2);
    assert.match(mistyped.err, /--missing-in resluts: there is no such folder/);
    const noFolder = await study('status', '--missing-in', 'small.json');
    assert.equal(noFolder.status, 2);
    assert.match(noFolder.err, /--missing-in small\.json: it is a file/);
    const within = await study('status', '--missing-in', path.join('results', 'small', 'smoke'));
    assert.match(within.err, /No run of small \(smoke\) is missing in results.small.smoke/);
    const another = await study('status', '--missing-in', 'runs');
    assert.match(
      another.err,
      /^Nothing of small \(smoke\) is kept in runs: all its runs are missing there\.$/m,
    );
    assert.match(another.out, /of 4 runs are complete/);
    const both = await study('report', '--from', 'results', '--save', 'elsewhere');
    assert.equal(both.status, 2);
    assert.match(both.err, /--save is for runs/);
  });

  test('losses: a table of all, all about one, and a wrong name', async () => {
    const all = await msl(['losses']);
    assert.equal(all.status, 0);
    for (const name of ['msl', 'supervisedContrastive', 'deepSupervision']) {
      assert.match(all.out, new RegExp(`│ ${name} `), name);
    }
    assert.match(all.out, /temperature=0\.1/);
    const documents = JSON.parse((await msl(['losses', '--json'])).out) as {
      name: string;
      parts: string[];
    }[];
    assert.deepEqual(documents.find(({ name }) => name === 'msl')?.parts, ['withinClass', 'betweenClass']);
    const one = await msl(['losses', 'island']);
    assert.match(
      one.out,
      /separation = mean over ordered pairs of different classes of \(cos\(c_j, c_k\) \+ 1\)/,
    );
    assert.match(one.out, /centerRate +│ 0\.5 +│ 0 to 1/);
    assert.match(one.out, /Source: Cai et al\., "Island loss/);
    const wrong = await msl(['losses', 'isand']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.err, /There is no loss of a layer 'isand'\. Did you mean 'island'\?/);
  });

  test('models: all networks, the layers of one, and what is wrong in a wish', async () => {
    const all = await msl(['models', '--json']);
    const rows = JSON.parse(all.out) as { label: string; parameters: number }[];
    assert.equal(rows.find(({ label }) => label === 'resnet, depth 110')?.parameters, 1_727_962);
    const one = await msl(['models', 'resnet', '--set', 'depth=8', '--image', '16', '--classes', '2']);
    assert.equal(one.status, 0);
    assert.match(one.out, /resnet8 on images of 16×16×3, 2 classes/);
    assert.match(one.out, /stage3\/block1\/conv2 │ 4×4×64 +│ +36,992/);
    for (const [args, said] of [
      [['models', 'vgh'], /There is no network 'vgh'\. Did you mean 'vgg'\?/],
      [['models', 'resnet', '--set', 'dept=3'], /'network\.dept' \(did you mean 'depth'\?\)/],
      [['models', '--image', '0'], /It has to be a whole number from 1\./],
      [['bench', '--rounds', 'x'], /It has to be a whole number from 1\./],
    ] as const) {
      const { status, out, err } = await msl([...args]);
      assert.deepEqual([status, out], [2, ''], args.join(' '));
      assert.match(err, said);
    }
    const kept = await msl(['bench', '--quick', '--save']);
    assert.equal(kept.status, 2);
    assert.match(kept.err, /^--quick measures nothing that is worth keeping/m);
  });

  test('a reader that has seen enough (`msl … | head`) is no failure', async () => {
    const child = spawn(process.execPath, [bin, 'data', 'list'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(status, 0, err);
    assert.doesNotMatch(err, /EPIPE|at /);
  });

  test('progress that nobody reads ends no command', async () => {
    const child = spawn(process.execPath, [bin, 'clean'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.destroy();
    child.stdout.resume();
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
  });

  test('a standard output that cannot be written is told in a sentence', (t) => {
    if (!existsSync('/dev/full')) {
      t.skip('there is no /dev/full here');
      return;
    }
    const { status, stderr } = spawnSync(process.execPath, [bin, 'data', 'list'], {
      cwd: root,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /^Standard output cannot be written: ENOSPC: .*\.$/m);
    assert.doesNotMatch(stderr, /\n +at /);
  });

  test('data list and doctor in JSON', async () => {
    const list = JSON.parse((await msl(['data', 'list', '--json'])).out) as { name: string; state: string }[];
    const states = new Map(list.map(({ name, state }) => [name, state]));
    assert.deepEqual([states.get('cifar10'), states.get('svhn')], ['other', 'absent']);
    const { status, out } = await msl(['doctor', '--json']);
    assert.equal(status, 0);
    const findings = JSON.parse(out) as { what: string; state: string; found: string }[];
    assert.ok(findings.some(({ what }) => what === 'engine'));
    assert.match(
      findings.find(({ what }) => what === 'bfloat16')!.found,
      /(AMX|unknown).*: (--set precision=bfloat16|the engine '\w+' computes in float32 only)/,
    );
  });

  test('a study of which some runs are chosen is reported with all that are complete', async () => {
    const study = {
      name: 'two',
      base: JSON.parse(readFileSync(path.join(root, 'tiny.json'), 'utf8')) as object,
      arms: [{ name: 'ce', set: { 'loss.msl': null } }, { name: 'msl' }],
      seeds: [1],
    };
    writeFileSync(path.join(root, 'two.json'), JSON.stringify(study));
    const run = (arm: string) =>
      msl(['study', 'run', './two.json', '--profile', 'full', '--arm', arm, '--json', '--set', 'epochs=1']);
    for (const [arm, complete] of [
      ['msl', ['msl']],
      ['ce', ['ce', 'msl']],
    ] as const) {
      const { status, out, err } = await run(arm);
      assert.equal(status, 0, err);
      const { runs } = JSON.parse(out) as { runs: { arm: string; folder: string }[] };
      assert.deepEqual(
        runs.map((one) => one.arm),
        complete,
      );
      assert.ok(runs.every((one) => one.folder.includes(`${path.sep}${one.arm}${path.sep}`)));
    }
  });

  test('data verify: a set that is not the published one ends with 1 and says what differs', async () => {
    const { status, out, err } = await msl(['data', 'verify', 'cifar10']);
    assert.equal(status, 1);
    assert.match(out, /cifar10 is not as published/);
    assert.match(err, /data_batch_1\.bin:\n +expected .*sha256 [0-9a-f]{64}\n +found +122920 bytes/);
  });
});

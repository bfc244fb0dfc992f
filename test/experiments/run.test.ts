import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import { tf } from '../../src/engine/tf.ts';
import { loadEngine, UserError, type Progress, type ProgressReport } from '../../src/engine/index.ts';
import {
  applySettings,
  parseSpecification,
  readRun,
  readTrainedRun,
  RunFolder,
  runExperiment,
  type Specification,
} from '../../src/experiments/index.ts';
import { claimFolder } from '../../src/experiments/claim.ts';
import { checkpointEpochs } from '../../src/training/index.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';

/** Everything of a run that must be the same whenever and wherever it is made. */
function result(folder: string): unknown {
  const records = new RunFolder(folder);
  const withoutTiming = (record: object | undefined) => ({ ...record, timing: undefined });
  const [epoch] = checkpointEpochs(records.checkpoints);
  return {
    spec: records.specification(),
    epochs: records.epochs().map(withoutTiming),
    summary: withoutTiming(records.summary()),
    projection: records.projection(),
    weights: readFileSync(path.join(records.checkpoints, `epoch-${epoch}.safetensors`)).toString('base64'),
  };
}

describe('runExperiment', () => {
  let root: string;
  let dataFolder: string;
  before(async () => {
    await loadEngine();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-run-'));
    dataFolder = path.join(root, 'data');
    writeTinyCifar(dataFolder);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const specification = (...settings: string[]): Specification =>
    parseSpecification(
      applySettings(
        {
          split: { train: 120, validation: 40 },
          augmentation: { crop: 2, flip: true },
          network: { widths: [4, 8], convolutions: 1 },
          loss: { msl: {} },
          epochs: 4,
          batchSize: 20,
        },
        settings,
      ),
      'test',
    );
  const run = (
    name: string,
    spec: Specification,
    options: { stopAfter?: number; batchWorkers?: number; progress?: Progress } = {},
  ) => {
    const controller = new AbortController();
    return runExperiment({
      specification: spec,
      folder: path.join(root, name),
      dataFolder,
      signal: controller.signal,
      ...(options.batchWorkers === undefined ? {} : { batchWorkers: options.batchWorkers }),
      ...(options.progress === undefined ? {} : { progress: options.progress }),
      onEpoch: ({ epoch }) => {
        if (epoch === options.stopAfter) controller.abort(new Error('stopped'));
      },
    });
  };

  test('learns, and records every part of the loss', async () => {
    const tensors = tf.memory().numTensors;
    const summary = await run('learns', specification('epochs=8'));
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
    assert.equal(summary.status, 'finished');
    assert.deepEqual(summary.selection, { rule: 'last', epoch: 8 });
    assert.ok(summary.test.error < 0.5, `test error ${summary.test.error} (by chance 0.9)`);
    assert.equal(summary.test.n, 60);
    assert.equal(summary.train.n, 120);
    const epochs = new RunFolder(path.join(root, 'learns')).epochs();
    assert.equal(epochs.length, 8);
    const { losses } = epochs[0]!.train;
    assert.deepEqual(Object.keys(losses).sort(), [
      'crossEntropy',
      'msl/stage1/betweenClass',
      'msl/stage1/withinClass',
      'msl/stage2/betweenClass',
      'msl/stage2/withinClass',
      'total',
    ]);
    // The total is the sum of the parts with their weights, 0.1 a tap.
    const taps = ['stage1', 'stage2'].flatMap((tap) => [
      losses[`msl/${tap}/withinClass`]!,
      losses[`msl/${tap}/betweenClass`]!,
    ]);
    const expected = losses['crossEntropy']! + 0.1 * taps.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(losses['total']! - expected) < 1e-5);
    assert.ok(epochs.at(-1)!.train.gradientNormLogits < epochs[0]!.train.gradientNormLogits);
    assert.ok(epochs.at(-1)!.validation!.accuracy > 0.5);
  });

  test('a network whose last tap has one channel is trained, measured and drawn on a line', async () => {
    const spec = specification('epochs=1', 'network.widths=[4,1]', 'loss.msl=null');
    assert.equal((await run('narrow', spec)).status, 'finished');
    const { points, explainedVariance } = new RunFolder(path.join(root, 'narrow')).projection()!;
    assert.equal(explainedVariance[1], 0);
    assert.ok(points.every(([, y]) => y === 0));
  });

  test('threads that make its batches change nothing but its time', async () => {
    await run('threads-0', specification(), { batchWorkers: 0 });
    await run('threads-2', specification(), { batchWorkers: 2 });
    assert.deepEqual(result(path.join(root, 'threads-2')), result(path.join(root, 'threads-0')));
  });

  test('reports its work: training, validation, evaluation and measures', async () => {
    const reports: ProgressReport[] = [];
    const summary = await run('reports', specification('epochs=2'), { progress: (r) => reports.push(r) });
    const done = reports.map((report) => report.done);
    assert.deepEqual(
      done,
      [...done].sort((a, b) => a - b),
    );
    // A step is 20 images, three times as much work as their evaluation; then 40 images of validation.
    assert.deepEqual(done.slice(0, 8), [60, 120, 180, 240, 300, 360, 400, 460]);
    // At the end 120 training and 60 test images, and two taps with less than the 30,000 pairs of one more image.
    const total = 2 * 400 + 120 + 60 + 2;
    assert.deepEqual(done.slice(-5), [total - 62, total - 2, total - 2, total - 1, total]);
    assert.ok(reports.every((report) => report.total === total));
    const note =
      /^epoch (?<epoch>\d) of 2, [\d,]+ images\/s, loss (?<loss>[\d.]+) \(crossEntropy [\d.]+, msl withinClass [\d.]+, msl betweenClass [\d.]+\)$/;
    const { epoch, loss } = note.exec(reports[0]!.note!)!.groups!;
    assert.ok(epoch === '1' && Number(loss) > 1);
    assert.equal(reports[6]!.note, 'epoch 1 of 2, validation, 40 of 40 images');
    // Validation counts in the run's time.
    const timings = new RunFolder(path.join(root, 'reports')).epochs().map((record) => record.timing);
    assert.ok(timings.every(({ validationSeconds }) => validationSeconds! > 0));
    const epochs = timings.reduce((sum, t) => sum + t.seconds + t.validationSeconds!, 0);
    assert.ok(summary.timing.seconds > epochs);
  });

  test('the same specification gives the same records; another seed does not', async () => {
    await run('same-a', specification());
    await run('same-b', specification());
    assert.deepEqual(result(path.join(root, 'same-a')), result(path.join(root, 'same-b')));
    await run('other', specification('seed=2'));
    assert.notDeepEqual(
      (result(path.join(root, 'other')) as { weights: string }).weights,
      (result(path.join(root, 'same-a')) as { weights: string }).weights,
    );
  });

  test('a run that was stopped and goes on ends as if it had not been, bit for bit', async () => {
    await run('whole', specification());
    for (const stopAfter of [1, 3]) {
      const name = `stopped-${stopAfter}`;
      await assert.rejects(run(name, specification(), { stopAfter }), /stopped/);
      // A process that was killed may leave a line that ends in the middle.
      appendFileSync(path.join(root, name, 'metrics.jsonl'), '{"schemaVersion":1,"epoch":');
      await run(name, specification());
      assert.deepEqual(result(path.join(root, name)), result(path.join(root, 'whole')));
    }
  });

  test('losses with state and schedules go on bit for bit, and are no part of the exported network', async () => {
    const layers = [
      { name: 'center', weight: 0.01, schedule: 'linearRamp' },
      { name: 'deepSupervision', weight: 0.3, taps: ['stage1'], pooling: { grid: 2 } },
      { name: 'supervisedContrastive', weight: 0.1, schedule: 'cosineToZero', taps: ['penultimate'] },
    ];
    const spec = specification(`loss.layers=${JSON.stringify(layers)}`, 'loss.labelSmoothing=0.1');
    const summary = await run('losses-whole', spec);
    assert.ok(summary.test.error < 0.9, `test error ${summary.test.error}`);
    await assert.rejects(run('losses-stopped', spec, { stopAfter: 2 }), /stopped/);
    await run('losses-stopped', spec);
    assert.deepEqual(result(path.join(root, 'losses-stopped')), result(path.join(root, 'losses-whole')));
    const [epoch] = new RunFolder(path.join(root, 'losses-whole')).epochs();
    assert.deepEqual(
      Object.keys(epoch!.train.losses).filter((name) => !name.startsWith('msl/')),
      [
        ...['total', 'crossEntropy', 'center/stage1/attraction', 'center/stage2/attraction'],
        ...['deepSupervision/stage1/crossEntropy', 'supervisedContrastive/penultimate/contrast'],
      ],
    );
    const tensors = tf.memory().numTensors;
    const { parameters, statistics, network } = await readTrainedRun(path.join(root, 'losses-whole'));
    assert.deepEqual(
      Object.keys(parameters).sort(),
      network.parameters.map(({ name }) => name).sort(), // prettier-ignore
    );
    tf.dispose([parameters, statistics]);
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
  });

  test('a line of an epoch without its checkpoint is forgotten and made again', async () => {
    await assert.rejects(run('ahead', specification(), { stopAfter: 2 }), /stopped/);
    const checkpoints = path.join(root, 'ahead', 'checkpoint');
    rmSync(path.join(checkpoints, 'epoch-2.json'));
    await run('ahead', specification());
    assert.deepEqual(result(path.join(root, 'ahead')), result(path.join(root, 'whole')));
  });

  test('a complete run is not made again', async () => {
    const folder = path.join(root, 'whole');
    const before = readFileSync(path.join(folder, 'summary.json'), 'utf8');
    await run('whole', specification());
    assert.equal(readFileSync(path.join(folder, 'summary.json'), 'utf8'), before);
  });

  test('a folder with a run of another specification is refused', async () => {
    await assert.rejects(run('whole', specification('seed=9')), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /holds a run of another specification/);
      return true;
    });
  });

  test('a run that diverges ends with the step and the measure, and its record says so', async () => {
    const spec = specification('network.name=plain', 'optimizer.learningRate=1e9', 'optimizer.warmup=0');
    const summary = await run('diverged', spec);
    assert.equal(summary.status, 'diverged');
    assert.equal(summary.divergence?.epoch, 1);
    assert.ok(summary.divergence.step >= 2);
    assert.match(summary.divergence.measure, /^(crossEntropy|msl\/stage\d\/\w+)$/, 'the term, not the total');
    assert.equal(summary.divergence.lastCheckpoint, 0);
    assert.equal(summary.selection.epoch, 0);
    assert.ok(Number.isFinite(summary.test.error));
  });

  test('a last step that blows up the weights is a divergence too, and leaves no checkpoint', async () => {
    const settings = ['split.train=20', 'split.validation=0', 'epochs=2', 'optimizer.warmup=0'];
    const summary = await run('blown', specification(...settings, 'optimizer.learningRate=1e30'));
    assert.equal(summary.status, 'diverged');
    assert.ok(Number.isFinite(summary.test.error));
    assert.ok(Number.isFinite(summary.taps['stage1']!.betweenWithinRatio));
  });

  test('a folder that another process is at work in is refused; a dead one is taken over', async () => {
    const folder = path.join(root, 'owned');
    await assert.rejects(run('owned', specification(), { stopAfter: 1 }), /stopped/);
    const claim = claimFolder(folder);
    await assert.rejects(run('owned', specification()), /Process \d+ is at work on the run in .*owned/);
    claim.release(false);
    writeFileSync(
      path.join(folder, 'owner.9'),
      JSON.stringify({ pid: 999_999_999, started: '', host: os.hostname() }),
    );
    writeFileSync(path.join(folder, 'checkpoint', 'epoch-2.safetensors.1.partial'), 'unfinished');
    await run('owned', specification());
    assert.deepEqual(result(folder), result(path.join(root, 'whole')));
    assert.deepEqual(readdirSync(folder).filter((name) => /owner|partial/.test(name)), []); // prettier-ignore
    assert.equal(readdirSync(path.join(folder, 'checkpoint')).length, 4);
  });

  test('a run that ended while another process waited is not made again', async (t) => {
    const folder = path.join(root, 'meanwhile');
    await assert.rejects(run('meanwhile', specification(), { stopAfter: 1 }), /stopped/);
    const before = new RunFolder(folder).environment();
    const whole = new RunFolder(path.join(root, 'whole')).summary()!;
    // The other one ends when this one has looked whether there is anything to do.
    const spec = specification();
    const claiming = t.mock.method(
      RunFolder.prototype,
      'claim',
      function (this: RunFolder, ...args: Parameters<RunFolder['claim']>) {
        claiming.mock.restore();
        this.writeSummary({ ...whole, parameters: 1234 });
        return this.claim(...args);
      },
    );
    assert.equal((await run('meanwhile', spec)).parameters, 1234);
    assert.deepEqual(new RunFolder(folder).environment(), before);
    assert.deepEqual(readdirSync(folder).filter((name) => /owner|partial/.test(name)), []); // prettier-ignore
  });

  test('a run belongs to its images: with others it is neither gone on with nor taken for done', async () => {
    const elsewhere = path.join(root, 'elsewhere');
    writeTinyCifar(elsewhere);
    const file = path.join(elsewhere, 'cifar10', 'test_batch.bin');
    const bytes = readFileSync(file);
    bytes[1]! ^= 1;
    writeFileSync(file, bytes);
    const refused = (error: Error) =>
      error instanceof UserError &&
      /other images of the data set 'cifar10'.*200 to train on and 60 to test/.test(error.message);
    const withOthers = (name: string) =>
      runExperiment({ specification: specification(), folder: path.join(root, name), dataFolder: elsewhere });
    await assert.rejects(run('begun', specification(), { stopAfter: 1 }), /stopped/);
    const { data } = new RunFolder(path.join(root, 'begun')).environment()!;
    assert.deepEqual(
      { ...data, sha256: data?.sha256.length },
      { official: false, train: 200, test: 60, sha256: 64 },
    );
    await assert.rejects(withOthers('begun'), refused);
    // Decoded by now, so that its digest is known without opening it.
    await assert.rejects(withOthers('whole'), refused);
    await run('begun', specification());
    assert.deepEqual(result(path.join(root, 'begun')), result(path.join(root, 'whole')));
    // Without its data a run that has ended is what it was.
    const nowhere = path.join(root, 'nowhere');
    const whole = await runExperiment({
      specification: specification(),
      folder: path.join(root, 'whole'),
      dataFolder: nowhere,
    });
    assert.equal(whole.test.n, 60);
  });

  test('a run begun on another engine is not gone on with', async () => {
    await assert.rejects(run('engines', specification(), { stopAfter: 1 }), /stopped/);
    const file = path.join(root, 'engines', 'environment.json');
    const environment = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...environment, engine: 'abacus', engineVersion: '1.0' }));
    await assert.rejects(run('engines', specification()), /made on abacus 1\.0; this process uses \w+ \d/);
  });

  test('a run that other code went on with says so, with the epoch', async () => {
    await assert.rejects(run('sittings', specification(), { stopAfter: 2 }), /stopped/);
    const folder = new RunFolder(path.join(root, 'sittings'));
    const begun = folder.environment()!;
    writeFileSync(
      path.join(folder.folder, 'environment.json'),
      JSON.stringify({ ...begun, commit: 'abc', cpu: 'another' }),
    );
    await run('sittings', specification());
    const { later, commit, cpu } = folder.environment()!;
    assert.deepEqual([commit, cpu], ['abc', 'another']);
    assert.deepEqual(
      later?.map((sitting) => [sitting.firstEpoch, sitting.commit, sitting.cpu]),
      [[3, begun.commit, begun.cpu]],
    );
    assert.deepEqual(result(folder.folder), result(path.join(root, 'whole')));
  });

  test('cross-entropy alone has no other part', async () => {
    await run('ce', specification('loss.msl=null', 'epochs=1'));
    const [epoch] = new RunFolder(path.join(root, 'ce')).epochs();
    assert.deepEqual(Object.keys(epoch!.train.losses).sort(), ['crossEntropy', 'total']);
    assert.equal(epoch!.train.losses['total'], epoch!.train.losses['crossEntropy']);
  });

  test('mistakes in the specification that only the data can show', async () => {
    await assert.rejects(run('x1', specification('loss.msl.taps=["stage3"]')), /There is no tap 'stage3'/);
    assert.ok(!existsSync(path.join(root, 'x1')), 'no folder is left of it');
    await assert.rejects(run('x2', specification('batchSize=200')), /batchSize is 200, but only 120 images/);
    await assert.rejects(
      run('x5', specification('split.train=4', 'batchSize=2')),
      /only 4 images are trained on; .* 5 nearest/,
    );
    await assert.rejects(run('x3', specification('split.train=190')), /split asks for 40 validation and 190/);
    await assert.rejects(run('x4', specification('dataset=cifar11')), /Did you mean 'cifar10'/);
  });

  test('a line of the metrics that was damaged costs the epochs from there, not the run', async () => {
    await assert.rejects(run('torn', specification(), { stopAfter: 3 }), /stopped/);
    const metrics = path.join(root, 'torn', 'metrics.jsonl');
    const [first, second, third] = readFileSync(metrics, 'utf8').split('\n') as [string, string, string];
    for (const damaged of [
      [first, second.slice(0, 40), third],
      [first, 'null', third],
      [first, third],
    ]) {
      writeFileSync(metrics, `${damaged.join('\n')}\n`);
      assert.equal(new RunFolder(path.join(root, 'torn')).epochs().length, 1);
    }
    await run('torn', specification());
    assert.deepEqual(result(path.join(root, 'torn')), result(path.join(root, 'whole')));
  });

  test('records of another release are refused by name', () => {
    const folder = path.join(root, 'torn');
    for (const file of [
      'spec.json',
      'summary.json',
      'environment.json',
      'projection.json',
      'metrics.jsonl',
    ]) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      writeFileSync(path.join(folder, file), text.replace(/"schemaVersion": ?1/, '"schemaVersion":7'));
      const records = new RunFolder(folder);
      assert.throws(
        () => [
          records.specification(),
          records.summary(),
          records.environment(),
          records.projection(),
          records.epochs(),
        ],
        (error) =>
          error instanceof UserError &&
          error.message.includes(`${file} has the schema version 7; this release reads 1`),
      );
      writeFileSync(path.join(folder, file), text);
    }
  });

  test('a damaged record is refused by name; without the result the run ends again as it did', async () => {
    const [folder, before] = [path.join(root, 'torn'), result(path.join(root, 'torn'))];
    const [summary, spec] = [path.join(folder, 'summary.json'), path.join(folder, 'spec.json')];
    const [text, whole] = [readFileSync(spec, 'utf8'), readFileSync(summary, 'utf8')];
    for (const damaged of ['', 'null', '[]', whole.slice(0, 100)]) {
      writeFileSync(spec, damaged);
      await assert.rejects(run('torn', specification()), /spec\.json is damaged.* Remove the run's folder/);
      writeFileSync(spec, text);
      writeFileSync(summary, damaged);
      await assert.rejects(run('torn', specification()), /summary\.json is damaged.* Remove this file/);
    }
    const { test: measured, ...rest } = JSON.parse(whole) as { test: object };
    for (const [changed, problem] of [
      [rest, /summary\.json is no summary of a run:\n {2}test: .*received undefined\nRemove this file/],
      [
        { ...rest, test: { ...measured, error: '9 %' } },
        /\n {2}test\.error: .*received string \(it is "9 %"\)\n/,
      ],
    ] as const) {
      writeFileSync(summary, JSON.stringify(changed));
      await assert.rejects(run('torn', specification()), problem);
    }
    // An infinite cross-entropy of a run that diverged.
    writeFileSync(summary, JSON.stringify({ ...rest, test: { ...measured, crossEntropy: null } }));
    await run('torn', specification());
    rmSync(summary);
    mkdirSync(summary);
    await assert.rejects(run('torn', specification()), /summary\.json cannot be read: EISDIR/);
    rmSync(summary, { recursive: true });
    await run('torn', specification());
    assert.deepEqual(result(folder), before);
  });

  test('a run that has ended, some of whose epochs are gone, is not taken for whole', async () => {
    const folder = path.join(root, 'torn');
    const [before, metrics] = [result(folder), path.join(folder, 'metrics.jsonl')];
    const read = () => readRun({ folder, seed: 1, arm: { name: 'msl' } });
    assert.equal(read()?.epochs.length, 4);
    writeFileSync(metrics, readFileSync(metrics, 'utf8').split('\n').slice(0, 2).join('\n'));
    assert.throws(read, (error) => error instanceof UserError && error.message.includes('2 of the 4 epochs'));
    rmSync(path.join(folder, 'summary.json'));
    await run('torn', specification());
    assert.deepEqual(result(folder), before);
  });

  test('a result that is damaged while the run is made does not hide why it failed, nor hold the folder', async () => {
    const folder = path.join(root, 'damaged-meanwhile');
    const failing = runExperiment({
      ...{ specification: specification(), folder, dataFolder },
      onEpoch: () => {
        writeFileSync(path.join(folder, 'summary.json'), '{');
        throw new Error('no paper');
      },
    });
    await assert.rejects(failing, /no paper/);
    assert.equal(new RunFolder(folder).owner(), undefined);
  });

  test('a damaged checkpoint costs an epoch, not the run', async () => {
    await assert.rejects(run('damaged', specification(), { stopAfter: 3 }), /stopped/);
    appendFileSync(path.join(root, 'damaged', 'checkpoint', 'epoch-3.safetensors'), 'x');
    await run('damaged', specification());
    assert.deepEqual(result(path.join(root, 'damaged')), result(path.join(root, 'whole')));
  });
});

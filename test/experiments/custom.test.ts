/** Losses, taps and networks of the user's own: what the documentation shows, and the rules for cells and files. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { tf } from '../../src/engine/tf.ts';
import { UserError } from '../../src/engine/index.ts';
import {
  exportRun,
  loadCustomParts,
  networkOf,
  parseSpecification,
  registerLoss,
  registerNetwork,
  registerTap,
  requireCustomParts,
  runExperiment,
  specificationHash,
  tapNames,
  type Specification,
} from '../../src/experiments/index.ts';
import type { LayerLoss, LossState } from '../../src/losses/index.ts';
import { createNetwork, type Layer } from '../../src/models/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { writeTinyCifar } from '../support/tinyCifar.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A loss of the mean square, times a factor. */
const squares = (name: string, factor = 1): LayerLoss => ({
  name,
  about: 'For tests.',
  formula: 'total = square = mean of x^2',
  source: 'a test, 2026',
  parts: ['square'],
  options: {},
  evaluate: ({ features }) => {
    const square = tf.mul<tf.Scalar>(tf.mean(tf.square(features)), factor);
    return { total: square, parts: { square } };
  },
});
const squaresFile = (name: string, factor: number) => `
import * as tf from '@tensorflow/tfjs';
import { registerLoss } from '${project}src/experiments/index.ts';
registerLoss({
  name: '${name}', about: 'For tests.', formula: 'x', source: 'a test, 2026', parts: ['square'], options: {},
  evaluate: ({ features }) => {
    const square = tf.mul(tf.mean(tf.square(features)), ${factor});
    return { total: square, parts: { square } };
  },
});
`;

describe('custom parts', () => {
  let root: string;
  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-custom-'));
    writeTinyCifar(path.join(root, 'data'));
    writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
    symlinkSync(path.join(project, 'node_modules'), path.join(root, 'node_modules'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const specification = (loss: object, more: object = {}): Specification =>
    parseSpecification(
      {
        split: { train: 60, validation: 0 },
        network: { widths: [4], convolutions: 1 },
        ...{ loss, batchSize: 20, epochs: 1, ...more },
      },
      'test',
    );
  const train = (spec: Specification, name: string) =>
    runExperiment({
      specification: spec,
      folder: path.join(root, name),
      dataFolder: path.join(root, 'data'),
    });

  test('what docs/custom-parts.md shows runs, and prints what it says', async () => {
    const folder = path.join(root, 'docs');
    mkdirSync(folder);
    const text = readFileSync(path.join(project, 'docs/custom-parts.md'), 'utf8');
    const here = (code: string) => code.replaceAll('../src/', path.join(project, 'src/'));
    const blocks = [...text.matchAll(/^```ts(?: file=(\S+))?\n(.*?)^```$/gms)];
    for (const [, file, code] of blocks) {
      if (file === undefined) continue;
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), here(code!));
    }
    const program = blocks.flatMap(([, file, code]) => (file === undefined ? [code!] : [])).join('\n');
    writeFileSync(path.join(folder, 'program.mts'), here(program));
    const promised = [...program.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => line!);
    assert.ok(promised.length >= 7);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', 'program.mts'], {
      cwd: folder,
      env: { ...process.env, MSL_DATA: path.join(root, 'data') },
    });
    assert.deepEqual(stdout.trimEnd().split('\n'), promised);
    // The specification of the document, by the command line.
    const json = [...text.matchAll(/^ {4}("custom".*\n {4}.*)$/gm)].map(([, lines]) => lines!).join('\n');
    const written = { ...(JSON.parse(`{${json}}`) as object), split: { train: 60, validation: 0 } };
    const tiny = { ...written, network: { widths: [4] }, batchSize: 20, epochs: 1 };
    writeFileSync(path.join(folder, 'flat.json'), JSON.stringify(tiny));
    const arguments_ = [path.join(project, 'bin/msl'), 'train', 'flat.json', '--out', 'runs/flat'];
    await run(process.execPath, arguments_, {
      cwd: folder,
      env: { ...process.env, MSL_DATA: path.join(root, 'data') },
    });
    const spec = JSON.parse(readFileSync(path.join(folder, 'runs/flat/spec.json'), 'utf8')) as Specification;
    assert.deepEqual(
      spec.custom?.map(({ kind, name, file }) => [kind, name, file]),
      [['loss', 'flat', 'mine/flat.ts']],
    );
    // A changed file: the same command starts another run in its place, which the folder refuses.
    writeFileSync(
      path.join(folder, 'mine/flat.ts'),
      `${here(blocks.find(([, file]) => file)![2]!)}\n// changed`,
    );
    await assert.rejects(
      run(process.execPath, arguments_, {
        cwd: folder,
        env: { ...process.env, MSL_DATA: path.join(root, 'data') },
      }),
      /holds a run of another specification/,
    );
  });

  test('a loss of a cell runs here; a changed one is another specification', async () => {
    registerLoss(squares('ofCell'));
    const first = specification({ layers: [{ name: 'ofCell' }] });
    assert.deepEqual(first.custom?.map(({ kind, name, file }) => [kind, name, file]), [['loss', 'ofCell', null]]); // prettier-ignore
    assert.deepEqual(parseSpecification(first, 'again'), first);
    assert.equal((await train(first, 'cell')).status, 'finished');
    registerLoss({ ...squares('ofCell'), about: 'Another one.' });
    const second = specification({ layers: [{ name: 'ofCell' }] });
    assert.notEqual(specificationHash(second), specificationHash(first));
    await assert.rejects(train(first, 'cell-2'), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /loss 'ofCell' was registered in a cell and has changed since/);
      return true;
    });
    assert.throws(
      () => parseSpecification(first, 'again'),
      /custom\.0: the loss 'ofCell' is not the one that was recorded/,
    );
    const gone = [{ kind: 'loss', name: 'elsewhere', file: null, sha256: 'x' }] as const;
    await assert.rejects(
      requireCustomParts(gone),
      /'elsewhere' was registered in a cell; such a specification runs only in/,
    );
  });

  test('a file enters the specification by path and hash; another content is refused', async () => {
    const file = path.join(root, 'ofFile.ts');
    writeFileSync(file, squaresFile('ofFile', 1));
    const [part] = await loadCustomParts(file);
    assert.deepEqual([part!.kind, part!.name, part!.file], ['loss', 'ofFile', file]);
    assert.deepEqual(await loadCustomParts(file), [part], 'loaded once');
    const first = specification({ layers: [{ name: 'ofFile' }] }, { custom: [file] });
    assert.deepEqual(first.custom, [part]);
    const elsewhere = path.relative(process.cwd(), file);
    assert.deepEqual(specification({ layers: [{ name: 'ofFile' }] }, { custom: [elsewhere] }), first);
    await train(first, 'file');

    writeFileSync(file, squaresFile('ofFile', 2));
    const [changed] = await loadCustomParts(file);
    assert.notEqual(changed!.sha256, part!.sha256);
    const second = specification({ layers: [{ name: 'ofFile' }] }, { custom: [file] });
    assert.notEqual(specificationHash(second), specificationHash(first));
    await assert.rejects(
      train(first, 'file-2'),
      /ofFile\.ts has changed: .*'ofFile' is that of the content with sha256/,
    );
    writeFileSync(file, "throw new Error('the changed file ran');");
    await assert.rejects(requireCustomParts(first.custom), /ofFile\.ts has changed/);
    writeFileSync(file, squaresFile('ofFile', 1));
    assert.equal((await train(first, 'file-2')).status, 'finished', 'the file is back');
    const missing = [{ ...part!, name: 'other' }];
    await assert.rejects(requireCustomParts(missing), /ofFile\.ts does not register the loss 'other'/);
  });

  test('another process runs it from the recorded specification, and refuses a changed file', async () => {
    const file = path.join(root, 'worker.ts');
    writeFileSync(file, squaresFile('ofWorker', 1));
    await loadCustomParts(file);
    const spec = specification({ layers: [{ name: 'ofWorker' }] }, { custom: [file] });
    const worker = path.join(root, 'worker.mts');
    writeFileSync(
      worker,
      `import { runExperiment } from '${project}src/experiments/index.ts';
       const summary = await runExperiment({
         specification: ${JSON.stringify(spec)}, folder: process.argv[2]!, dataFolder: '${path.join(root, 'data')}',
       });
       console.log(summary.status);`,
    );
    const work = (folder: string) =>
      run(process.execPath, ['--import', 'tsx', worker, path.join(root, folder)], { cwd: root });
    assert.equal((await work('worked')).stdout.trim(), 'finished');
    writeFileSync(file, squaresFile('ofWorker', 2));
    await assert.rejects(work('refused'), /worker\.ts has changed/);
  });

  test('files that are not there, fail or register nothing are refused', async () => {
    await assert.rejects(loadCustomParts(root), /"custom" cannot be read: it is a folder/);
    await assert.rejects(
      loadCustomParts(path.join(root, 'nowhere.ts')),
      /"custom" cannot be read: there is no such file\. Paths/,
    );
    const bad = path.join(root, 'bad.ts');
    writeFileSync(bad, "throw new Error('by itself');");
    await assert.rejects(loadCustomParts(bad), /bad\.ts cannot be loaded: by itself/);
    const empty = path.join(root, 'empty.ts');
    writeFileSync(empty, 'export {};');
    await assert.rejects(loadCustomParts(empty), /empty\.ts registers nothing: call registerLoss/);
    assert.throws(
      () => specification({}, { custom: ['never.ts'] }),
      /custom\.0: 'never\.ts' was not loaded; await loadCustomParts\('never\.ts'\) first/,
    );
  });

  test('taps and networks', async () => {
    registerTap({ name: 'halves', from: 'stage1', maps: (maps) => tf.avgPool(maps, 2, 2, 'same') });
    registerTap({ name: 'elsewhere', from: 'stage9', maps: (maps) => maps });
    registerLoss(squares('ofTap'));
    const spec = specification({
      msl: { weight: { stage1: 0.1, halves: 0.2 } },
      layers: [{ name: 'ofTap', taps: ['halves'], pooling: 'flatten' }],
    });
    assert.deepEqual(spec.custom?.map(({ kind, name }) => `${kind} ${name}`), ['loss ofTap', 'tap halves']); // prettier-ignore
    await train(spec, 'taps');
    const [line] = readFileSync(path.join(root, 'taps/metrics.jsonl'), 'utf8').split('\n');
    assert.match(line!, /"msl\/halves\/withinClass":[\d.]+.*"ofTap\/halves\/square":[\d.]+/);
    // One that is computed from a layer that the network lacks is not offered.
    await assert.rejects(
      train(specification({ msl: { taps: ['elsewhere'] } }), 'no-tap'),
      /The tap 'elsewhere' is computed from 'stage9', which is no tap of the network; its taps are stage1, penultimate\.$/,
    );
    // One with the name of one of the network's would be recorded, and the network's be read.
    registerTap({ name: 'stage2', from: 'stage1', maps: (maps) => maps });
    const widths = { network: { widths: [4, 4] } };
    await assert.rejects(
      train(specification({ msl: { taps: ['stage2'] } }, widths), 'same-name'),
      /loss\.msl\.taps: the network has a tap 'stage2' of its own.*give yours another name/,
    );
    const images = { n: 60, height: 32, width: 32, channels: 3, classes: { length: 10 } };
    const names = tapNames(networkOf(specification({}, widths), { train: images }));
    assert.deepEqual(names, ['stage1', 'stage2', 'penultimate', 'halves']);
    assert.equal((await train(specification({ msl: { taps: ['stage2'] } }), 'own-name')).status, 'finished');

    registerNetwork<{ wide?: boolean }>({
      name: 'mine',
      options: { wide: { default: false, about: 'twice as wide' } },
      build: (of, { wide }) => {
        throw new Error(`asked for ${wide}, ${of.classes} classes`);
      },
    });
    await assert.rejects(
      train(specification({}, { network: { name: 'mine' } }), 'mine'),
      /asked for false, 10 classes/,
    );
    assert.throws(
      () => specification({}, { network: { name: 'mine', wid: true } }),
      /'network\.wid' \(did you mean 'wide'\?\) is not known here; there are name, wide/,
    );
    assert.throws(
      () => specification({}, { network: { name: 'min' } }),
      /Did you mean '(mine|nin)'\? Known: vgg, .*, mine/,
    );
  });

  test('a run with a network of a file is exported, without what its losses trained', async (t) => {
    if (tf.getBackend() !== 'tensorflow') {
      t.skip('this engine has no graphs to export');
      return;
    }
    const file = path.join(root, 'ofExport.ts');
    writeFileSync(
      file,
      `import { registerNetwork } from '${project}src/experiments/index.ts';
       import { createNetwork } from '${project}src/models/index.ts';
       registerNetwork({
         name: 'ofExport', options: {},
         build: (of) => createNetwork({ name: 'ofExport', ...of, layers: [
           { kind: 'convolution', name: 'conv', size: 3, stride: 2, channels: 4 },
           { kind: 'rectifier' }, { kind: 'tap', name: 'stage1' },
           { kind: 'globalAverage' }, { kind: 'tap', name: 'penultimate' },
           { kind: 'dense', name: 'dense', units: of.classes },
         ] }),
       });`,
    );
    await loadCustomParts(file);
    const layers = [{ name: 'deepSupervision' }];
    await train(specification({ layers }, { network: { name: 'ofExport' } }), 'export');
    const tensors = tf.memory().numTensors;
    const { record } = await exportRun({
      run: path.join(root, 'export'),
      ...{ format: 'tfjs', out: path.join(root, 'exported') },
    });
    assert.equal(tf.memory().numTensors, tensors, 'no tensor is left');
    assert.equal(record.run.specification.network.name, 'ofExport');
    const model = readFileSync(path.join(root, 'exported/model.json'), 'utf8');
    assert.doesNotMatch(model, /deepSupervision/);
  });

  test('names and options that could be mistaken are refused', () => {
    assert.throws(() => registerLoss(squares('msl')), /'msl' is a loss of the workbook/);
    assert.throws(() => registerLoss(squares('a/b')), /letters, digits, - and _.*'a\/b' does not/);
    assert.throws(() => registerLoss({ ...squares('x'), parts: [] }), /'x' has to name its parts/);
    assert.throws(
      () =>
        registerLoss<{ weight?: number }>({
          ...squares('x'),
          options: { weight: { default: 1, about: '' } },
        }),
      /'x' has an option 'weight', which every loss has/,
    );
    assert.throws(() => registerTap({ name: 'a b', from: 'stage1', maps: (m) => m }), /'a b' does not/);
    const build = () => assert.fail('not built');
    assert.throws(
      () => registerNetwork({ name: 'resnet', options: {}, build }),
      /'resnet' is a network of the workbook/,
    );
  });

  test('a loss that does not return what it declares is refused', async () => {
    const value = tf.scalar(1);
    registerLoss({ ...squares('wrongParts'), evaluate: () => ({ total: value, parts: { other: value } }) });
    await assert.rejects(
      train(specification({ layers: [{ name: 'wrongParts' }] }), 'parts'),
      /'wrongParts' returned the parts other; it declares square/,
    );
    registerLoss({
      ...squares('wrongShape'),
      evaluate: ({ features }) => ({
        total: tf.sum(features),
        parts: { square: features as unknown as tf.Scalar },
      }),
    });
    await assert.rejects(
      train(specification({ layers: [{ name: 'wrongShape' }] }), 'shape'),
      /'wrongShape' returned square of the shape \[20,4\]; it has to be a scalar/,
    );
    registerLoss({ ...squares('wrongForm'), evaluate: () => value as never });
    await assert.rejects(
      train(specification({ layers: [{ name: 'wrongForm' }] }), 'form'),
      /'wrongForm' returned no object of a total and parts/,
    );
    value.dispose();
  });

  test('a loss whose state is not what it says is refused: a center that never moves would go unnoticed', async () => {
    const mistakes: readonly (readonly [string, Partial<LossState>, RegExp])[] = [
      [
        'misspelt',
        { update: () => ({ centre: tf.zeros([10, 4]) }) },
        /'misspelt' updates 'centre', which is no tensor of its state: it makes center\.$/,
      ],
      [
        'reshaped',
        { update: () => ({ center: tf.zeros([4]) }) },
        /'reshaped' makes center of the shape \[4\] of one of the shape \[10,4\]/,
      ],
      [
        'twiceMoved',
        { trained: { center: { decay: false } }, update: ({ state }) => state },
        /'twiceMoved' updates 'center', which the optimizer trains/,
      ],
      [
        'untrained',
        { trained: { centre: { decay: false } } },
        /'untrained' has the optimizer train 'centre', which is no tensor of its state: it makes center\.$/,
      ],
    ];
    for (const [name, state, problem] of mistakes) {
      const init: LossState['init'] = (_, { classes, dim }) => ({ center: tf.zeros([classes, dim]) });
      registerLoss({ ...squares(name), state: { init, ...state } });
      await assert.rejects(
        train(specification({ layers: [{ name }] }), name),
        (error) => error instanceof UserError && problem.test(error.message),
        name,
      );
    }
  });

  test('a tap that makes no maps, and a network that could not be measured, are refused before the training', async () => {
    const flat = (maps: tf.Tensor4D) => tf.mean(maps, [1, 2]) as unknown as tf.Tensor4D;
    registerTap({ name: 'flat', from: 'stage1', maps: flat });
    await assert.rejects(train(specification({ msl: { taps: ['flat'] } }), 'flat'), {
      name: 'UserError',
      message:
        /^The tap 'flat' makes \[\d+, 4\] of \[\d+, \d+, \d+, 4\]; it has to make maps, \[batch, height/,
    });
    registerTap({ name: 'nothing', from: 'stage1', maps: () => undefined as unknown as tf.Tensor4D });
    await assert.rejects(
      train(specification({ msl: { taps: ['nothing'] } }), 'nothing'),
      /^UserError: The tap 'nothing' makes undefined of \[/,
    );

    const built = (name: string, middle: readonly object[]) => {
      const convolution = { kind: 'convolution', name: 'conv', size: 3, channels: 4 } as const;
      registerNetwork({
        name,
        options: {},
        build: ({ classes, imageShape }) => {
          const last = { kind: 'dense', name: 'dense', units: classes };
          return createNetwork({
            name,
            imageShape,
            classes,
            layers: [convolution, ...middle, last] as Layer[],
          });
        },
      });
      return train(specification({ msl: null }, { network: { name } }), name);
    };
    const stage = { kind: 'tap', name: 'stage1' };
    const average = { kind: 'globalAverage' };
    const penultimate = { kind: 'tap', name: 'penultimate' };
    await assert.rejects(
      built('unseen', [stage, average]),
      /^UserError: The network 'unseen' has no tap 'penultimate': put \{ kind: 'tap', name: 'penultimate' \} before/,
    );
    await assert.rejects(
      built('stageless', [average, penultimate]),
      /^UserError: The network 'stageless' has no tap but 'penultimate'/,
    );
    assert.equal((await built('measured', [stage, average, penultimate])).status, 'finished');
    // The line is the user's own, though what threw lies in the workbook.
    await assert.rejects(
      built('wrongLayer', [{ kind: 'relu' }, stage, average, penultimate]),
      /^UserError: The network 'wrongLayer' failed at [^ ]*custom\.test\.ts:\d+:\d+: There is no kind of layer 'relu'/,
    );
  });

  test('what a part of the user throws is told by its name and line', async () => {
    registerLoss({ ...squares('failing'), evaluate: () => assert.fail('my own mistake') });
    await assert.rejects(
      train(specification({ layers: [{ name: 'failing' }] }), 'failing'),
      (error) =>
        error instanceof UserError &&
        /^The loss 'failing' failed at .*custom\.test\.ts:\d+:\d+: my own mistake$/.test(error.message),
    );
    registerLoss({
      ...squares('mismatched'),
      evaluate: ({ features }) => ({ total: tf.matMul(features, features), parts: {} }),
    });
    await assert.rejects(
      train(specification({ layers: [{ name: 'mismatched' }] }), 'mismatched'),
      /^UserError: The loss 'mismatched' failed at .*custom\.test\.ts:\d+:\d+: [^]*Matrix size-incompatible/,
    );
  });
});

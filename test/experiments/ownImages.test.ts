import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import sharp from 'sharp';

import { extractFeatures } from '../../src/analysis/index.ts';
import { decodeImage, importImages } from '../../src/data/index.ts';
import { UserError } from '../../src/engine/index.ts';
import {
  evaluateRun,
  parseSpecification,
  predictImages,
  readTrainedRun,
  runExperiment,
} from '../../src/experiments/index.ts';
import { engineUnderTest } from '../support/engine.ts';
import { trainTinyRun } from '../support/trainedRun.ts';

describe("a run and the images that its data set's name stands for now", () => {
  let root: string;
  let dataFolder: string;
  let run: string;

  /** Imports 8 x 8 images of colours that are the class's, more or less blue. */
  const importSet = async (name: string, classes: readonly string[], blue: number): Promise<void> => {
    const folder = mkdtempSync(path.join(root, 'images-'));
    for (const [part, n] of [
      ['train', 10],
      ['test', 4],
    ] as const) {
      for (const [c, label] of classes.entries()) {
        mkdirSync(path.join(folder, part, label), { recursive: true });
        for (let i = 0; i < n; i++) {
          const background = { r: 20 * i, g: 200 * c, b: blue + (i % 5) };
          const image = sharp({ create: { width: 8, height: 8, channels: 3, background } });
          await image.png().toFile(path.join(folder, part, label, `${i}.png`));
        }
      }
    }
    await importImages({ name, folder, dir: dataFolder, force: true });
  };

  before(async () => {
    await engineUnderTest();
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-own-images-'));
    dataFolder = path.join(root, 'data');
    mkdirSync(dataFolder);
    run = path.join(root, 'runs', 'seed-1-0123abcd');
    await importSet('mine', ['cat', 'dog'], 0);
    const specification = parseSpecification(
      {
        ...{ dataset: 'mine', split: { train: 16, validation: 4 }, network: { widths: [4] } },
        ...{ epochs: 1, batchSize: 8 },
      },
      'test',
    );
    await runExperiment({ specification, folder: run, dataFolder });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  test('an image in a file comes to the shape of the run’s images as they did', async () => {
    const folder = mkdtempSync(path.join(root, 'wide-'));
    const size = { width: 8, height: 8 };
    const file = (part: string, c: number, i: number) => path.join(folder, part, `c${c}`, `${i}.png`);
    for (const [part, n] of [
      ['train', 6],
      ['test', 2],
    ] as const) {
      for (const c of [0, 1]) {
        mkdirSync(path.join(folder, part, `c${c}`), { recursive: true });
        for (let i = 0; i < n; i++) {
          // Wide, and brighter to the right.
          const pixels = Uint8Array.from(
            { length: 24 * 8 * 3 },
            (_, at) => (((at / 3) | 0) % 24) * 8 + 30 * c + i,
          );
          await sharp(pixels, { raw: { width: 24, height: 8, channels: 3 } })
            .png()
            .toFile(file(part, c, i));
        }
      }
    }
    for (const fit of ['contain', 'fill', 'cover'] as const) {
      await importImages({ name: fit, folder, dir: dataFolder, size, fit });
      const trained = path.join(root, 'runs', fit);
      const written = {
        dataset: fit,
        split: { train: 12, validation: 0 },
        network: { widths: [4] },
        epochs: 1,
        batchSize: 6,
      };
      await runExperiment({ specification: parseSpecification(written, fit), folder: trained, dataFolder });
      const original = file('test', 1, 1);
      const { pixels } = await decodeImage(readFileSync(original), { size, fit });
      const small = path.join(root, `${fit}.png`);
      await sharp(pixels, { raw: { ...size, channels: 3 } })
        .png()
        .toFile(small);
      const [wide, fitted] = await predictImages({ run: trained, images: [original, small], dataFolder });
      assert.deepEqual(wide!.classes, fitted!.classes, fit);
    }
  });

  test('the same ones, wherever they are named from', async () => {
    const { summary } = await readTrainedRun(run, { dataFolder });
    const own = await evaluateRun({ run, dataFolder });
    const byFolder = await evaluateRun({ run, dataFolder, data: path.join(dataFolder, 'mine') });
    assert.deepEqual([own.error, own.testImagesAgain], [summary.test.error, true]);
    assert.deepEqual([byFolder.error, byFolder.testImagesAgain], [summary.test.error, true]);
    await importSet('copy', ['cat', 'dog'], 0);
    assert.equal((await evaluateRun({ run, dataFolder, data: 'copy' })).testImagesAgain, true);
    // Another set of that name in another folder is not the run's.
    await importSet('other', ['cat', 'dog'], 90);
    const other = path.join(root, 'elsewhere', 'mine');
    mkdirSync(path.dirname(other));
    renameSync(path.join(dataFolder, 'other'), other);
    assert.equal((await evaluateRun({ run, dataFolder, data: other })).testImagesAgain, false);
  });

  test('others are refused, and passed where the run does not say which it had', async () => {
    await importSet('mine', ['dog', 'horse'], 250);
    const refused = (error: unknown): boolean =>
      error instanceof UserError &&
      error.message.includes(run) &&
      /other images of the data set 'mine': SHA-256 \w{8}, 20 to train on and 8 to test.*MSL_DATA/.test(
        error.message,
      );
    const image = path.join(root, 'image.png');
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toFile(image);
    await assert.rejects(readTrainedRun(run, { dataFolder }), refused);
    await assert.rejects(predictImages({ run, images: [image], dataFolder }), refused);
    await assert.rejects(evaluateRun({ run, dataFolder }), refused);
    await assert.rejects(extractFeatures(run, { dataFolder }), refused);

    const file = path.join(run, 'environment.json');
    const { data, ...earlier } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    assert.ok(data !== undefined);
    writeFileSync(file, JSON.stringify(earlier));
    assert.equal((await evaluateRun({ run, dataFolder })).testImagesAgain, true);
  });

  test('a set of the manifest is described whatever is on disk, but its other images are not taken for its own', async () => {
    const published = await trainTinyRun(root, 'seed-1-4567cdef', 'network.widths=[4]', 'epochs=1');
    const file = path.join(dataFolder, 'cifar10', 'test_batch.bin');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(255, 1, 3073));
    await readTrainedRun(published, { dataFolder });
    const refused = /other images of the data set 'cifar10'/;
    await assert.rejects(evaluateRun({ run: published, dataFolder }), refused);
    await assert.rejects(extractFeatures(published, { dataFolder }), refused);
  });
});

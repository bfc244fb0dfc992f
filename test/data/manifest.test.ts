import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findDataset, parseManifest, readManifest } from '../../src/data/manifest.ts';

describe('the manifest', () => {
  const manifest = readManifest();

  it('names the published archive of CIFAR-10', () => {
    // Size and SHA-256 as TensorFlow Datasets lists them (url_checksums/cifar10.txt).
    const [archive, npm] = findDataset('cifar10', manifest).sources;
    assert.deepEqual(archive, {
      kind: 'archive',
      url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
      size: 170052171,
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      folder: 'cifar-10-batches-bin',
    });
    assert.equal(npm?.kind, 'npm');
  });

  it('agrees with itself', () => {
    for (const { image, files, classes, normalisation, ...parts } of Object.values(manifest.datasets)) {
      const record = 1 + image.height * image.width * image.channels;
      for (const part of [parts.train, parts.test]) {
        const bytes = part.files.reduce(
          (sum, name) => sum + files.find((file) => file.name === name)!.size,
          0,
        );
        assert.equal(bytes, part.n * record);
        assert.equal(
          part.perClass.reduce((sum, count) => sum + count, 0),
          part.n,
        );
        assert.equal(part.perClass.length, classes.length);
      }
      assert.equal(normalisation.mean.length, image.channels);
      assert.equal(normalisation.std.length, image.channels);
    }
  });

  it('has the well-known mean and deviation of CIFAR-10, as fractions of 255', () => {
    const { mean, std } = findDataset('cifar10', manifest).normalisation;
    for (const [c, expected] of [0.4914, 0.4822, 0.4465].entries())
      assert.ok(Math.abs(mean[c]! / 255 - expected) < 1e-3);
    for (const [c, expected] of [0.247, 0.2435, 0.2616].entries())
      assert.ok(Math.abs(std[c]! / 255 - expected) < 1e-3);
  });

  it('refuses an unknown name with the nearest one', () => {
    assert.throws(
      () => findDataset('cifar-10', manifest),
      /no data set 'cifar-10'. Did you mean 'cifar10'\?/,
    );
    assert.throws(() => findDataset('toString', manifest), { name: 'UserError' });
  });

  it('is refused where a field is wrong, by the name of the field', () => {
    const wrong = structuredClone(manifest);
    wrong.datasets['cifar10']!.files[0]!.sha256 = 'abc';
    assert.throws(() => parseManifest(wrong, 'm.json'), /m\.json is not a manifest[\s\S]*files\[0\]\.sha256/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findDataset, parseManifest, readManifest } from '../../src/data/manifest.ts';

describe('the manifest', () => {
  const manifest = readManifest();
  const sets = Object.entries(manifest.datasets);

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
    for (const [name, { image, files, classes, format, normalisation, ...parts }] of sets) {
      const labelBytes = { 'cifar-binary': 1, 'cifar-100-fine': 2, 'cifar-100-coarse': 2 }[format as string];
      for (const part of [parts.train, parts.test]) {
        const sizes = part.files.map((own) => files.find((file) => file.name === own)!.size);
        if (labelBytes !== undefined) {
          const record = labelBytes + image.height * image.width * image.channels;
          assert.equal(
            sizes.reduce((sum, size) => sum + size, 0),
            part.n * record,
            name,
          );
        }
        if (part.perClass === undefined) continue;
        assert.equal(
          part.perClass.reduce((sum, count) => sum + count, 0),
          part.n,
          name,
        );
        assert.equal(part.perClass.length, classes.length, name);
      }
      assert.equal(normalisation.mean.length, image.channels);
      assert.equal(normalisation.std.length, image.channels);
      assert.equal(new Set(classes).size, classes.length, name);
    }
  });

  it('names files of its own, whatever the source', () => {
    for (const [name, { files, sources, folder }] of sets) {
      const own = files.map((file) => file.name).sort();
      for (const source of sources) {
        if (source.kind !== 'files') continue;
        const given = source.files.map((file) => (file.unpack ? file.name.replace(/\.gz$/, '') : file.name));
        assert.deepEqual(given.sort(), own, name);
      }
      if (folder === undefined) continue;
      // What shares a folder shares its files.
      const other = findDataset(folder, manifest);
      for (const file of other.files)
        assert.deepEqual(
          files.find((one) => one.name === file.name),
          file,
          name,
        );
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

describe('the normalisations', () => {
  // The constants in common use, in units of 0 to 1.
  for (const [name, mean, std] of [
    ['cifar10', [0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]],
    ['cifar100', [0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]],
  ] as const) {
    it(`of ${name} are the well-known ones to 1e-3`, () => {
      const { normalisation } = readManifest().datasets[name]!;
      for (const c of [0, 1, 2]) {
        assert.ok(Math.abs(normalisation.mean[c]! / 255 - mean[c]!) < 1e-3);
        assert.ok(Math.abs(normalisation.std[c]! / 255 - std[c]!) < 1e-3);
      }
    });
  }
});

/**
 * Parts of the real sets in their official layout. What is right was computed apart: `scipy.io.loadmat` of SciPy 1.16.0
 * for SVHN, NumPy's `fromfile` and float64 statistics for both.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { sha256 } from '../../src/data/checksum.ts';
import { projectRoot } from '../../src/data/projectRoot.ts';
import { loadDataset } from '../../src/data/load.ts';
import { formatImageList, listImages } from '../../src/data/parts/index.ts';
import { pixelsInMemory } from '../../src/data/pixels.ts';
import { channelStatistics } from '../../src/data/statistics.ts';
import { listDatasets } from '../../src/data/verify.ts';

const folder = process.env['MSL_TEST_DATA'];
const without = (name: string): string | false =>
  folder !== undefined && existsSync(join(folder, name)) ? false : `no ${name} in MSL_TEST_DATA`;

interface Part {
  readonly set: string;
  readonly folder: string;
  readonly train: readonly [n: number, images: string, labels: string];
  readonly test: readonly [n: number, images: string, labels: string];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const CIFAR_TRAIN = '7960dde6360c314c5709828c293e8d545755a0c58cd85cce1a810a550f8c976a';
const CIFAR_TEST = 'c796c225ae93e93326c80d084f1d5dbcde6188e6fa1c04397e0ff0b3be6a7619';
const CIFAR = {
  folder: 'cifar-100',
  mean: [129.29046967773436, 124.11784794921876, 112.591887890625],
  std: [68.39854634758228, 65.43256623943918, 70.33787787799453],
};

/** As every run of `results/cifar100` has it in its environment. */
const DIGEST_OF_CIFAR100_RUNS = '500ba18c5a029e57706bce48996b17940c9ac5e071fc6a395f026b5dacb39885';

const PARTS: readonly Part[] = [
  {
    set: 'svhn',
    folder: 'svhn',
    train: [
      4434,
      '59e51582d57485324d24c98d0e2bef5dd0108f8b861fb6efca3499e5200def37',
      '1a3e9b6316b74ed55a22a13ab0e3766f4b397c1500db23fee38b580a5a5b71f8',
    ],
    test: [
      5000,
      'eda97e48f3c32e73bff0f9dabfe8e5ad2f04d1466615c3a1757c3a50c9abe8cc',
      '0d45d38f65ea966af243d1b7142b82bc6b2abdfd5ca6ff13b818ea79f91586d8',
    ],
    mean: [113.46768093496279, 115.03919839063205, 122.2136603782561],
    std: [51.314193536115575, 52.14567811493535, 51.06180120413015],
  },
  {
    set: 'cifar100',
    train: [20000, CIFAR_TRAIN, 'e89e1aee062006776b564e781a7ebaca4a4a4f8666b05f542955e09830ab187e'],
    test: [5000, CIFAR_TEST, 'a6e32f7a3caedadc4e257575c2a56bd7e95b70a35c26d809b5f3be20dea097f5'],
    ...CIFAR,
  },
  {
    set: 'cifar100-coarse',
    train: [20000, CIFAR_TRAIN, '47a558c430f69ec25ef7c22924d3632faf45f991a96221350bf31a90eba1d42e'],
    test: [5000, CIFAR_TEST, 'ed3ad0f861fbbfdebf1a92d4d30d2ba8c6c1401eacf9122759a9334270b44a01'],
    ...CIFAR,
  },
];

describe('parts of the real sets', () => {
  for (const { set, folder: own, mean, std, ...parts } of PARTS) {
    it(`${set}: every pixel and label, and the statistics`, { skip: without(own) }, async () => {
      const dir = join(folder!, own);
      const data = await loadDataset(set, { dir, decoded: 'none' });
      assert.equal(data.official, false);
      for (const part of ['train', 'test'] as const) {
        const found = [data[part].n, sha256(pixelsInMemory(data[part])), sha256(data[part].labels)];
        assert.deepEqual(found, parts[part], part);
      }
      const found = channelStatistics(data.train);
      for (const [c, expected] of mean.entries()) {
        assert.ok(Math.abs(found.mean[c]! - expected) < 1e-9 * expected);
        assert.ok(Math.abs(found.std[c]! - std[c]!) < 1e-9 * std[c]!);
      }
      const listed = (await listDatasets({ dir })).find(({ name }) => name === set);
      assert.equal(listed?.state, 'other');
      assert.deepEqual(listed.n, { train: parts.train[0], test: parts.test[0] });
    });
  }

  it('cifar100: the published list is of these images', { skip: without('cifar-100') }, async () => {
    const data = await loadDataset('cifar100', { dir: join(folder!, 'cifar-100'), decoded: 'none' });
    const published = readFileSync(join(projectRoot(), 'results', 'images', 'cifar100.csv'), 'utf8');
    assert.equal(formatImageList(listImages(data)), published);
    assert.equal(data.digest, DIGEST_OF_CIFAR100_RUNS);
  });
});

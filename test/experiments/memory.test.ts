import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';

import { trainee } from '../../src/experiments/build.ts';
import { parseSpecification } from '../../src/experiments/index.ts';
import { leastMemory, memoryLimit, requireMemory } from '../../src/experiments/memory.ts';
import { vgg } from '../../src/models/index.ts';

const network = vgg({ imageShape: [8, 8, 3], classes: 10, widths: [4], convolutions: 1 });

test('the least memory of a training, by hand', () => {
  // 3x3x3x4 weights, a scale and a bias per channel; 4x10 weights and 10 biases. Outputs: 8x8x4 and 10.
  const parameters = 3 * 3 * 3 * 4 + 2 * 4 + 4 * 10 + 10;
  assert.equal(leastMemory(network, 5), 4 * (3 * parameters + 5 * (8 * 8 * 4 + 10)));
});

test('a network that cannot fit is refused with its size, and one that just fits is not', () => {
  const written = { network: { name: 'vgg', widths: [4] }, batchSize: 5 };
  const needed = leastMemory(network, 5);
  requireMemory(written, network, needed);
  assert.throws(() => {
    requireMemory(written, network, needed - 1);
  }, /network: \{"name":"vgg","widths":\[4\]\} has 166 parameters; to train it with batches of 5 takes .* GiB or more/);
});

test('a network of the size of a typing mistake is refused before anything is allocated', () => {
  const image = { n: 50_000, height: 32, width: 32, channels: 3 as const, classes: { length: 10 } };
  const specification = parseSpecification({ network: { widths: [1e9] } }, 'wide');
  assert.throws(
    () => trainee(specification, { train: image }),
    /"widths":\[1000000000\],"convolutions":2\} has [\d,]{20,} parameters.* there are [\d.,]+ GiB/,
  );
});

test('the memory of a container counts where it is less than the machine’s', (t) => {
  const limited = t.mock.method(process, 'constrainedMemory', () => 2 ** 20);
  assert.equal(memoryLimit(), 2 ** 20);
  for (const unlimited of [0, 2 ** 64]) {
    limited.mock.mockImplementation(() => unlimited);
    assert.equal(memoryLimit(), os.totalmem());
  }
});

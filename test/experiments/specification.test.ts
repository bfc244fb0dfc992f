import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UserError } from '../../src/engine/index.ts';
import {
  applySettings,
  NETWORK_NAMES,
  networkOf,
  parseSpecification,
  specificationHash,
} from '../../src/experiments/index.ts';
import { parameterCount } from '../../src/models/index.ts';

const message = (value: unknown): string => {
  try {
    parseSpecification(value, 'test.json');
  } catch (error) {
    assert.ok(error instanceof UserError);
    return error.message;
  }
  return assert.fail('was accepted');
};

describe('specifications', () => {
  test('what is left out takes its default', () => {
    const spec = parseSpecification({ loss: { msl: { weight: 0.3 } } }, 'test.json');
    assert.equal(spec.dataset, 'cifar10');
    assert.deepEqual(spec.network, { name: 'vgg', widths: [16, 32, 64], convolutions: 2 });
    assert.deepEqual(spec.loss.msl, {
      weight: 0.3,
      taps: null,
      side: 'activation',
      margin: 1,
      betweenWeight: 1,
      center: false,
    });
    assert.equal(parseSpecification({}, 'test.json').loss.msl, null);
    // Written out in full it is the same specification.
    assert.deepEqual(parseSpecification(spec, 'again'), spec);
  });

  test('errors name the place, the value and what would be right', () => {
    assert.match(message({ epochs: 0 }), /epochs: .*>0.*\(it is 0\)/);
    assert.match(message({ loss: { msl: { margin: 3 } } }), /loss\.msl\.margin: .*2.*\(it is 3\)/);
    assert.match(
      message({ network: { name: 'vgh' } }),
      /network\.name: There is no network 'vgh'\. Did you mean 'vgg'\? Known: vgg, plain, vgg8b, nin, resnet, wrn\./,
    );
    assert.match(
      message({ network: { name: 'resnet', dept: 20 } }),
      /'network\.dept' \(did you mean 'depth'\?\)/,
    );
    assert.match(
      message({ network: { name: 'resnet', depth: 21 } }),
      /network\.depth: .*6 n \+ 2.*\(it is 21\)/,
    );
    assert.match(
      message({ network: { depth: 20 } }),
      /'network\.depth' is not known here; there are name, widths/,
    );
    const unknown = message({ loss: { msl: { wieght: 1 } } });
    assert.match(unknown, /'loss\.msl\.wieght' \(did you mean 'weight'\?\)/);
    assert.match(unknown, /there are weight, taps, side, margin, betweenWeight, center/);
    assert.match(message({ batchsize: 3 }), /did you mean 'batchSize'/);
    assert.match(message([]), /^test\.json is no valid specification/);
    assert.match(
      message({ loss: { msl: { taps: ['stage1', 'stage1'] } } }),
      /loss\.msl\.taps: a tap is named twice/,
    );
    assert.match(message(null), /is no valid specification/);
    // All of them at once.
    assert.equal(message({ epochs: 0, seed: -1 }).split('\n').length, 3);
  });

  test('the hash of a specification that names no precision is that of float32, and as it always was', () => {
    const hash = (value: unknown) => specificationHash(parseSpecification(value, 'test.json'));
    // Runs are found by it: the hash of the defaults before there was a choice.
    assert.equal(hash({}), '0e78df2e3c71cd595ba24418d395dffd3166cb00d72885017d61dc6829bcd970');
    assert.equal(hash({ precision: 'float32' }), hash({}));
    assert.notEqual(hash({ precision: 'bfloat16' }), hash({}));
    assert.match(
      message({ precision: 'float16' }),
      /precision: .*"float32"\|"bfloat16".*\(it is "float16"\)/,
    );
  });

  test('every network is built as it is specified', () => {
    const data = { train: { height: 32, width: 32, channels: 3, classes: { length: 10 } } };
    const built = (network: object) => networkOf(parseSpecification({ network }, 'test.json'), data);
    assert.equal(parameterCount(built({})), 72_954);
    assert.equal(parameterCount(built({ name: 'plain' })), 72_954);
    assert.equal(parameterCount(built({ name: 'resnet', depth: 110 })), 1_727_962);
    assert.equal(parameterCount(built({ name: 'wrn' })), 2_748_890);
    assert.equal(parameterCount(built({ name: 'nin' })), 966_986);
    assert.equal(parameterCount(built({ name: 'vgg8b' })), 8_900_234);
    for (const name of NETWORK_NAMES) assert.ok(parameterCount(built({ name })) > 0, name);
  });

  test('settings change what is written, and make what is missing', () => {
    const before = { epochs: 3, loss: { msl: null } };
    const after = applySettings(before, ['loss.msl.margin=0.8', 'network.name=plain', 'split.train=null']);
    assert.deepEqual(after, {
      epochs: 3,
      loss: { msl: { margin: 0.8 } },
      network: { name: 'plain' },
      split: { train: null },
    });
    assert.deepEqual(before, { epochs: 3, loss: { msl: null } }, 'the original stays');
    for (const path of ['__proto__.epochs', 'constructor.x', '', 'loss..msl']) {
      assert.throws(() => applySettings({}, [`${path}=1`]), UserError);
    }
    assert.equal(({} as { epochs?: number }).epochs, undefined);
    assert.throws(() => applySettings({}, ['epochs']), /'epochs' is no setting; write PATH=VALUE/);
  });

  test('the hash sees values, not the order of fields', () => {
    const a = parseSpecification({ epochs: 3, seed: 2 }, 'a');
    const b = parseSpecification({ seed: 2, epochs: 3 }, 'b');
    assert.equal(specificationHash(a), specificationHash(b));
    const reordered = Object.fromEntries(Object.entries(a).reverse()) as typeof a;
    assert.equal(specificationHash(a), specificationHash(reordered));
    assert.notEqual(specificationHash(a), specificationHash({ ...a, threads: 1 }));
  });
});

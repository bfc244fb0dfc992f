import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UsageError, UserError } from '../../../src/engine/index.ts';
import {
  applySettings,
  NETWORK_NAMES,
  networkOf,
  objectiveOf,
  parseRecorded,
  parseSpecification,
  specificationHash,
} from '../../../src/experiments/index.ts';
import { defaultsOf, MSL } from '../../../src/losses/index.ts';
import { parameterCount } from '../../../src/models/index.ts';

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
    const step = (warmup: number) => ({ optimizer: { schedule: 'step', warmup } });
    assert.match(message(step(0.5)), /optimizer\.warmup: 0\.5 of the steps.*"step".*below 0\.5/);
    assert.equal(parseSpecification(step(0.49), 'test.json').optimizer.warmup, 0.49);
    // Runs of before stay readable; what else is wrong with one is refused.
    assert.equal(parseRecorded(step(0.5), 'spec.json').optimizer.warmup, 0.5);
    assert.throws(() => parseRecorded(step(2), 'spec.json'), /optimizer\.warmup/);
    assert.equal(parseSpecification({ optimizer: { warmup: 1 } }, 'test.json').optimizer.warmup, 1);
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

  test('samplers and later augmentations leave the hash where they are the defaults, and change it elsewhere', () => {
    const hash = (value: unknown) => specificationHash(parseSpecification(value, 'test.json'));
    assert.equal(hash({ sampler: { name: 'shuffled' } }), hash({}));
    assert.equal(hash({ augmentation: { cutout: 0, jitter: { contrast: 0 } } }), hash({}));
    const others = [
      { sampler: { name: 'balanced' } },
      { sampler: { name: 'perClass', images: 8 } },
      { augmentation: { cutout: 8 } },
      { augmentation: { jitter: { contrast: 0.2 } } },
    ].map(hash);
    assert.equal(new Set([...others, hash({})]).size, 5);
    assert.throws(
      () => parseSpecification({ sampler: { name: 'perClass' } }, 'test.json'),
      /sampler\.images/,
    );
    assert.throws(() => parseSpecification({ augmentation: { cutuot: 8 } }, 'test.json'), /cutout/);
  });

  test('a specification without the later losses and options keeps its hash, and so does one that names their defaults', () => {
    const hash = (loss: unknown) => specificationHash(parseSpecification({ loss }, 'test.json'));
    const before = 'eea4a9a1a059a8be14d03af4d3dbca7f8b87081fabf41eab21dd25aa4b3202eb';
    assert.equal(hash({ msl: {} }), before);
    assert.equal(
      hash({
        msl: {
          taps: ['stage3'],
          side: 'preActivation',
          center: true,
          margin: 1.4,
          betweenWeight: 2,
          weight: 0.3,
        },
      }),
      '67e3ed79aca68bf458971dba6df116c02e0b539949197d3b617f499876eb793c',
    );
    const spelled = { ...defaultsOf(MSL), pooling: 'globalAverage', schedule: 'constant' };
    assert.equal(hash({ msl: spelled, layers: [], labelSmoothing: 0 }), before);
    for (const other of [
      { pooling: { grid: 2 } },
      { schedule: 'linearRamp' },
      { weight: { stage1: 0.1 } },
      { withinWeight: 0 },
      { unitNorm: false },
      { distance: 'cosine' },
      { between: 'hinge' },
      { pairs: 'hardest' },
    ]) {
      assert.notEqual(hash({ msl: other }), before, JSON.stringify(other));
    }
    assert.notEqual(hash({ msl: {}, labelSmoothing: 0.1 }), before);
    assert.notEqual(hash({ msl: {}, layers: [{ name: 'center' }] }), before);
  });

  test('a wrong word has the nearest that is right beside it, and an object that is only named is shown', () => {
    assert.match(
      message({ sampler: { name: 'shufled' } }),
      /sampler\.name: There is no sampler 'shufled'\. Did you mean 'shuffled'\? Known: shuffled, perClass, balanced\.$/,
    );
    assert.match(
      message({ sampler: {} }),
      /sampler\.name: no sampler is named; there are shuffled, perClass, bal/,
    );
    assert.match(message({ sampler: { name: 7 } }), /sampler\.name: There is no sampler '7'\. Known/);
    assert.match(message({ sampler: 'balanced' }), /sampler: .*object.*; write \{"name": "balanced"\}$/);
    assert.match(message({ network: 'resnet' }), /network: .*object.*; write \{"name": "resnet"\}$/);
    for (const loss of [
      { msl: { pooling: 'globalmax' } },
      { layers: [{ name: 'center', pooling: 'globalmax' }] },
    ]) {
      assert.match(
        message({ loss }),
        /pooling: a pooling is .*; did you mean "globalMax"\? \(it is "globalmax"\)/,
      );
    }
    assert.match(message({ loss: { msl: { pooling: { grid: 0 } } } }), /"grid": k\} \(it is \{"grid":0\}\)/);
  });

  test('the mixture separability loss is one experiment whether it is first among the losses of layers or beside them', () => {
    const parse = (loss: object) => parseSpecification({ loss }, 'test.json');
    const hash = (loss: object) => specificationHash(parse(loss));
    const center = { name: 'center', weight: 0.2 };
    for (const options of [
      {},
      { weight: { stage1: 0.3 }, margin: 0.8, pairs: 'hardest', schedule: 'linearRamp' },
    ]) {
      const layer = { name: 'msl', ...options };
      assert.equal(hash({ layers: [layer] }), hash({ msl: options }));
      assert.deepEqual(parse({ msl: null, layers: [layer] }).loss, { msl: parse({ msl: options }).loss.msl });
      assert.equal(hash({ layers: [layer, center] }), hash({ msl: options, layers: [center] }));
    }
    // Terms are summed up in their order, on which the last bits depend: behind another loss it stays.
    assert.equal(parse({ layers: [center, { name: 'msl' }] }).loss.msl, null);
    const twice = parse({
      layers: [
        { name: 'msl', taps: ['stage1'] },
        { name: 'msl', taps: ['stage2'] },
      ],
    }).loss;
    assert.deepEqual([twice.msl?.taps, twice.layers?.map(({ taps }) => taps)], [['stage1'], [['stage2']]]);
    // What is recorded names its folder.
    const recorded = { ...parse({}), loss: { msl: null, layers: [{ name: 'msl' }] } };
    assert.equal(parseRecorded(recorded, 'spec.json').loss.layers?.[0]?.name, 'msl');
  });

  test('losses of layers have their defaults filled in', () => {
    const specification = parseSpecification(
      { loss: { layers: [{ name: 'supervisedContrastive', weight: 0.5 }], labelSmoothing: 0.1 } },
      'test.json',
    );
    assert.deepEqual(specification.loss, {
      msl: null,
      labelSmoothing: 0.1,
      layers: [
        {
          name: 'supervisedContrastive',
          weight: 0.5,
          taps: null,
          side: 'activation',
          pooling: 'globalAverage',
          schedule: 'constant',
          temperature: 0.1,
          epsilon: 1e-6,
        },
      ],
    });
    assert.deepEqual(parseSpecification(specification, 'again'), specification);
    const changed = applySettings(specification, [
      'loss.layers.0.temperature=0.2',
      'loss.msl.weight.stage1=0.3',
    ]);
    assert.equal(parseSpecification(changed, 'test').loss.layers?.[0]?.['temperature'], 0.2);
    assert.deepEqual(parseSpecification(changed, 'test').loss.msl?.weight, { stage1: 0.3 });
  });

  test('a wrong loss, option or place is refused with what would be right', () => {
    const refusal = (layer: unknown) => message({ loss: { layers: [{ name: 'center' }, layer] } });
    assert.match(
      refusal({ name: 'supervisedContrastiv' }),
      /loss\.layers\.1\.name: There is no loss 'supervisedContrastiv'\. Did you mean 'supervisedContrastive'\? Known: msl, /,
    );
    assert.match(
      refusal({ name: 'supervisedContrastive', temprature: 1 }),
      /loss\.layers\.1: 'temprature' \(did you mean 'temperature'\?\) is not known here; there are name, weight, taps, /,
    );
    assert.match(
      refusal({ name: 'supervisedContrastive', temperature: 0 }),
      /temperature: .*>0.*\(it is 0\)/,
    );
    assert.match(
      refusal({ name: 'softNearestNeighbor', distance: 'cosin' }),
      /distance: .*"cosine"\|"squaredEuclidean"; did you mean "cosine"\? \(it is "cosin"\)/,
    );
    assert.match(refusal({ weight: 1 }), /loss\.layers\.1: a loss of layers is an object with its name/);
    assert.match(
      refusal({ name: 'center', weight: { stage1: -1 } }),
      /loss\.layers\.1\.weight: a weight is a number/,
    );
    assert.match(
      refusal({ name: 'center', pooling: { grid: 0 } }),
      /pooling: a pooling is globalAverage, .*"grid": k/,
    );
    assert.match(message({ loss: { msl: { pooling: 'max' } } }), /loss\.msl\.pooling: .*\(it is "max"\)/);
    assert.match(
      message({ loss: { msl: { distance: 'cosine', unitNorm: false, margin: 3 } } }),
      /margin: .*at most 2 apart/,
    );
    assert.equal(
      parseSpecification({ loss: { msl: { unitNorm: false, margin: 3 } } }, 'x').loss.msl?.margin,
      3,
    );
    assert.match(message({ loss: { labelSmoothing: 2 } }), /loss\.labelSmoothing: .*<=1 \(it is 2\)/);
  });

  test('the objective of a specification', () => {
    const data = { train: { height: 32, width: 32, channels: 3, classes: { length: 10 } } };
    const objective = (loss: object) => {
      const specification = parseSpecification({ loss }, 'test.json');
      return objectiveOf(specification, networkOf(specification, data));
    };
    const { terms, labelSmoothing } = objective({
      labelSmoothing: 0.1,
      msl: { weight: { stage3: 0.2, penultimate: 0.3 }, distance: 'cosine', schedule: 'cosineToZero' },
      layers: [
        { name: 'contrastive', taps: ['stage1'], side: 'preActivation', pooling: { grid: 4 }, margin: 2 },
      ],
    });
    assert.equal(labelSmoothing, 0.1);
    assert.deepEqual(
      terms.map(({ loss, ...term }) => ({ ...term, loss: loss.name })),
      [
        ...(['stage3', 'penultimate'] as const).map((tap, i) => ({
          ...{ loss: 'msl', tap, side: 'activation', pooling: 'globalAverage', schedule: 'cosineToZero' },
          weight: [0.2, 0.3][i],
          options: { ...defaultsOf(MSL), distance: 'cosine' },
        })),
        {
          ...{
            loss: 'contrastive',
            tap: 'stage1',
            side: 'preActivation',
            pooling: { grid: 4 },
            schedule: 'constant',
          },
          weight: 0.1,
          options: { margin: 2, epsilon: 1e-6 },
        },
      ],
    );
    assert.deepEqual(objective({}), { terms: [] });
    for (const [loss, expected] of [
      [
        { msl: { taps: ['stage4'] } },
        /loss\.msl\.taps: There is no tap 'stage4'\. .*Known: stage1, stage2, stage3, penultimate/,
      ],
      [
        { layers: [{ name: 'center', weight: { stge1: 1 } }] },
        /loss\.layers\.0\.weight: .*Did you mean 'stage1'/,
      ],
      [
        { msl: { taps: ['stage1', 'stage2'], weight: { stage1: 1 } } },
        /loss\.msl\.weight: the tap 'stage2' has none/,
      ],
      [
        { msl: { taps: ['stage1'], weight: { stage1: 1, stage2: 1 } } },
        /'stage2' has a weight, but is not among/,
      ],
      [
        { msl: { pooling: { grid: 9 } } },
        /loss\.msl\.pooling: the maps of stage2 are 8 x 8, .*1 to 8 cells a side, not 9/,
      ],
      [{ msl: {}, layers: [{ name: 'msl', taps: ['stage2'] }] }, /loss: msl\/stage2 is there twice/],
    ] as const) {
      assert.throws(() => objective(loss), expected);
    }
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
    const widths = { network: { widths: [4, 8] } };
    assert.deepEqual(applySettings(widths, ['network.widths.1=9', 'network.widths.2=16']), {
      network: { widths: [4, 9, 16] },
    });
    for (const key of ['x', '-1', '3', '01', '4294967295', 'length']) {
      assert.throws(
        () => applySettings(widths, [`network.widths.${key}=5`]),
        (error) =>
          error instanceof UsageError &&
          error.message ===
            `'network.widths.${key}=5' is no setting: network.widths is a list, which has the places 0 to 1, and 2 to make it ` +
              `longer; '${key}' is none.`,
      );
    }
    assert.throws(
      () => applySettings({ loss: { layers: [] } }, ['loss.layers.name=msl']),
      /nothing in it yet: 0 is/,
    );
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

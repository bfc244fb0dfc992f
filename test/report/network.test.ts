import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { networkInNetwork, resnet, vgg, vgg8b, wideResnet } from '../../src/models/index.ts';
import {
  describe as describeNetwork,
  networkDrawing,
  networksTable,
  networkTable,
  readableCells,
} from '../../src/report/index.ts';

const on = { imageShape: [32, 32, 3], classes: 10 } as const;

describe('networks as tables and drawings', () => {
  test('a row a layer, and their sums', () => {
    const table = networkTable(vgg({ ...on, widths: [4, 8], convolutions: 1 }));
    const rows = readableCells(table).map((cells, i) => [table.rows[i], ...cells]);
    // 9 * 3 * 4 + 8 = 116 parameters and 108 * 1024 products; 9 * 4 * 8 + 16 = 304 and 288 * 256.
    assert.deepEqual(rows, [
      ['stage1/conv1', '32×32×4', '116', '110,592', '3'],
      ['maxPool', '16×16×4', '–', '–', '4'],
      ['tap stage1', '16×16×4', '–', '–', '4'],
      ['stage2/conv1', '16×16×8', '304', '73,728', '8'],
      ['tap stage2', '16×16×8', '–', '–', '8'],
      ['globalAverage', '8', '–', '–', '38'],
      ['tap penultimate', '8', '–', '–', '38'],
      ['dense', '10', '90', '80', '38'],
      ['all', '', '510', '184,400', '–'],
    ]);
  });

  test('several networks, a row each', () => {
    // What the tap conv6 sees after its pooling, 52, not the convolution of that name, 44.
    const [row] = readableCells(networksTable([{ label: 'a', network: vgg8b(on) }]));
    assert.equal(row![2], '52');
    const table = networksTable([
      { label: 'a', network: resnet(on) },
      { label: 'b', network: wideResnet({ ...on, depth: 28, widen: 10 }) },
    ]);
    assert.deepEqual(readableCells(table), [
      ['0.270', '40.55', '81', 'stage1 to stage3, penultimate'],
      ['36.48', '5,243.33', '109', 'stage1 to stage3, penultimate'],
    ]);
    const alone = { ...vgg8b(on), allTaps: ['penultimate'] };
    assert.equal(readableCells(networksTable([{ label: 'a', network: alone }]))[0]![3], 'penultimate');
  });

  test('a drawing counts what repeats, and names every tap', () => {
    const drawing = networkDrawing(resnet({ ...on, depth: 110 }));
    assert.match(drawing, /18 × block: 2 × 3×3 conv 16, ReLU/);
    assert.match(drawing, />block: 3×3 conv 32 stride 2, 3×3 conv 32, ReLU</);
    assert.match(drawing, />17 × block: 2 × 3×3 conv 64, ReLU</);
    for (const network of [vgg(on), vgg8b(on), wideResnet(on), networkInNetwork(on)]) {
      const svg = networkDrawing(network);
      for (const tap of network.allTaps) assert.match(svg, new RegExp(`>[^<]*${tap}[^<]*<`));
      assert.equal(svg.match(/<circle/g)!.length, network.name === 'nin' ? 3 : network.allTaps.length);
      assert.ok(!svg.includes('NaN') && !svg.includes('undefined'));
    }
  });

  test('outside a notebook the table is text', () => {
    const text = String(describeNetwork(vgg(on)));
    assert.match(text, /^vgg on images of 32×32×3, 10 classes\n/);
    assert.match(text, /\nstage1\/conv1 +32×32×16 +464 +442,368 +3\n/);
    assert.match(text, /\nall +72,954 +9,880,192 +–$/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { channelStatistics, classCounts } from '../../src/data/statistics.ts';

describe('channel statistics', () => {
  it('are those worked out by hand', () => {
    // Channel 0: 0, 10, 20, 30: mean 15, mean of squares (0 + 100 + 400 + 900) / 4 = 350, variance 350 - 225 = 125.
    // Channel 1: 255 throughout: mean 255, variance 0.
    const images = Uint8Array.of(0, 255, 10, 255, 20, 255, 30, 255);
    assert.deepEqual(channelStatistics({ images, height: 2, width: 2, channels: 2 }), {
      mean: [15, 255],
      std: [Math.sqrt(125), 0],
    });
  });

  it('counts classes, empty ones too', () => {
    assert.deepEqual(classCounts({ labels: Uint8Array.of(2, 0, 2), classes: ['a', 'b', 'c'] }), [1, 0, 2]);
  });
});

import { createStream } from '../../../src/engine/index.ts';

/** Groups of points around far corners, 10 apart, with a standard deviation of 1. */
export function blobs(options: { readonly groups: number; readonly each: number; readonly dim: number }): {
  readonly features: Float32Array;
  readonly labels: Uint8Array;
} {
  const { groups, each, dim } = options;
  const stream = createStream(1, 'blobs');
  const n = groups * each;
  const labels = Uint8Array.from({ length: n }, (_, i) => i % groups);
  const features = Float32Array.from({ length: n * dim }, (_, at) => {
    const label = labels[Math.floor(at / dim)]!;
    return stream.normal() + (at % dim === label ? 10 : 0);
  });
  return { features, labels };
}

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

import type { tf } from '../tf.ts';
import { resolveConvolution, type Convolution, type ConvolutionAttributes } from './convolution.ts';
import { allocate, floats, free, input, reshaped, run, withPart, type KernelCall } from './kernel.ts';

/**
 * Positions (batch x height x width) in one matrix product. Longer products lose digits, since the kernel adds up in
 * float32 one after the other; shorter ones lose time.
 */
const POSITIONS = 8192;

/**
 * Gradient of a convolution for its filter:
 *
 * `dw[a, b, c, k] = sum over n, i, j of x'[n, i strideHeight + a, j strideWidth + b, c] dy[n, i, j, k]`
 *
 * with `x'` the padded input. For each `(a, b)` that is a matrix product over the positions, and it runs without
 * copying the input for each of them: with `x'` stored channel by channel, and `dy` padded with zeros to the same
 * grid of positions, moving the window by `(a, b)` moves the address of the first factor and nothing else.
 *
 * - Rows (and images) are padded on one side only, by the larger of the two paddings: the padding after a row is
 *   the padding before the next one.
 * - A stride splits the rows and columns of `x'` by their remainder, one grid for each pair of remainders.
 * - A read past the end of a channel meets zeros of `dy`, or padding.
 */
export function conv2dBackpropFilter(call: KernelCall): tf.TensorInfo {
  const { backend } = call;
  const x = input(call, 'x');
  const dy = input(call, 'dy');
  const attributes = call.attrs as unknown as ConvolutionAttributes & {
    readonly filterShape: readonly number[];
  };
  const c = resolveConvolution(x.shape, attributes.filterShape, attributes);
  const grid = layOut(c);

  const inputs = inputByChannel(backend, x, c, grid);
  const gradients = padded(backend, dy, {
    batch: grid.chunks * grid.images - c.batch,
    height: [0, grid.height - c.outHeight],
    width: [0, grid.width - c.outWidth],
  });

  // One grid of one chunk, channel by channel, and zeros behind it for the reads past its end.
  const block = grid.positions * c.inChannels;
  const reach =
    Math.ceil(c.filterHeight / c.strideHeight) * grid.width + Math.ceil(c.filterWidth / c.strideWidth);
  const window = allocate(backend, [block + reach]);
  floats(backend, window).fill(0, block);

  const size = c.inChannels * c.outChannels;
  const dw = allocate(backend, attributes.filterShape);
  floats(backend, dw).fill(0);
  for (let chunk = 0; chunk < grid.chunks; chunk++) {
    const gradientStart = chunk * grid.positions * c.outChannels;
    withPart(backend, gradients, gradientStart, [1, grid.positions, c.outChannels], (dyPart) => {
      for (let row = 0; row < Math.min(c.strideHeight, c.filterHeight); row++) {
        for (let column = 0; column < Math.min(c.strideWidth, c.filterWidth); column++) {
          const phase = (chunk * c.strideHeight + row) * c.strideWidth + column;
          const source = floats(backend, inputs).subarray(phase * block, (phase + 1) * block);
          floats(backend, window).set(source);
          for (let a = row; a < c.filterHeight; a += c.strideHeight) {
            for (let b = column; b < c.filterWidth; b += c.strideWidth) {
              const shift = ((a - row) / c.strideHeight) * grid.width + (b - column) / c.strideWidth;
              const product = withPart(backend, window, shift, [1, c.inChannels, grid.positions], (xPart) =>
                run(
                  backend,
                  'BatchMatMul',
                  { a: xPart, b: dyPart },
                  { transposeA: false, transposeB: false },
                ),
              );
              addTo(floats(backend, dw), (a * c.filterWidth + b) * size, floats(backend, product));
              free(backend, product);
            }
          }
        }
      }
    });
  }
  free(backend, inputs, gradients, window);
  return dw;
}

/** The grid of positions that input and gradient share, in steps of the stride, and the chunks of images it comes in. */
interface Grid {
  readonly height: number;
  readonly width: number;
  /** Images of a chunk; the last chunk is filled up with zeros. */
  readonly images: number;
  readonly chunks: number;
  /** Positions of a chunk: images x height x width. */
  readonly positions: number;
}

function layOut(c: Convolution): Grid {
  // Room for the input with its larger padding, and for every position of the output.
  const steps = (size: number, before: number, after: number, stride: number, out: number): number =>
    Math.max(Math.ceil((size + Math.max(before, after)) / stride), out);
  const { top, bottom, left, right } = c.padding;
  const height = steps(c.inHeight, top, bottom, c.strideHeight, c.outHeight);
  const width = steps(c.inWidth, left, right, c.strideWidth, c.outWidth);
  const chunks = Math.ceil(c.batch / Math.max(1, Math.round(POSITIONS / (height * width))));
  const images = Math.ceil(c.batch / chunks);
  return { height, width, images, chunks, positions: images * height * width };
}

/** The padded input as `[chunk, row remainder, column remainder, channel, image x row x column]`. */
function inputByChannel(backend: BackendWasm, x: tf.TensorInfo, c: Convolution, grid: Grid): tf.TensorInfo {
  const { top, left } = c.padding;
  const height = grid.height * c.strideHeight;
  const width = grid.width * c.strideWidth;
  const full = padded(backend, x, {
    batch: grid.chunks * grid.images - c.batch,
    height: [top, height - top - c.inHeight],
    width: [left, width - left - c.inWidth],
  });
  const rows = grid.images * grid.height;
  // Transposing fewer axes is faster, so a stride of one does not get an axis.
  const byChannel =
    c.strideHeight === 1 && c.strideWidth === 1
      ? run(
          backend,
          'Transpose',
          { x: reshaped(full, [grid.chunks, rows * width, c.inChannels]) },
          { perm: [0, 2, 1] },
        )
      : run(
          backend,
          'Transpose',
          {
            x: reshaped(full, [grid.chunks, rows, c.strideHeight, grid.width, c.strideWidth, c.inChannels]),
          },
          { perm: [0, 2, 4, 5, 1, 3] },
        );
  free(backend, full);
  return byChannel;
}

function padded(
  backend: BackendWasm,
  x: tf.TensorInfo,
  padding: { batch: number; height: [number, number]; width: [number, number] },
): tf.TensorInfo {
  const paddings = [[0, padding.batch], padding.height, padding.width, [0, 0]];
  return run(backend, 'PadV2', { x }, { paddings, constantValue: 0 });
}

function addTo(sum: Float32Array, start: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) sum[start + i]! += values[i]!;
}

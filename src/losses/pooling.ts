import { tf } from '../engine/tf.ts';
import { globalAverage, globalMax } from '../engine/index.ts';

/**
 * How a layer's maps become one row of features a sample:
 *
 * - `globalAverage`: the mean of each channel, `[batch, channels]`
 * - `globalMax`: its largest value, `[batch, channels]`; positions that share it share its gradient
 * - `spatialDeviation`: its standard deviation over the positions (`n - 1` in the denominator), `[batch, channels]`
 * - `{ grid: k }`: the means over k x k cells, which overlap where k does not divide the size, `[batch, k k channels]`
 * - `flatten`: all values, `[batch, height width channels]`
 */
export type Pooling = (typeof POOLINGS)[number] | { readonly grid: number };

export const POOLINGS = ['globalAverage', 'globalMax', 'spatialDeviation', 'flatten'] as const;

/** Added under the square root of the deviation, so that its gradient stays finite where a channel is constant. */
const EPSILON = 1e-6;

/**
 * A layer's maps as rows of features, see {@link Pooling}.
 *
 * References: global average pooling: Lin, Chen and Yan, "Network in network", ICLR 2014; the deviation: Nøkland and
 * Eidnes, "Training neural networks with local error signals", ICML 2019; the cells of a grid are those of PyTorch's
 * `adaptive_avg_pool2d`.
 *
 * @param maps `[batch, height, width, channels] float32`
 * @throws {RangeError} for a grid that is not a whole number from 1 to the smaller side of the maps
 */
export function poolFeatures(maps: tf.Tensor4D, pooling: Pooling): tf.Tensor2D {
  const [batch, height, width, channels] = maps.shape;
  switch (pooling) {
    case 'globalAverage':
      return globalAverage(maps);
    case 'globalMax':
      return globalMax(maps);
    case 'flatten':
      return tf.reshape(maps, [batch, height * width * channels]);
    case 'spatialDeviation': {
      const centred = tf.sub(maps, tf.mean(maps, [1, 2], true));
      const squares = tf.sum(tf.square(centred), [1, 2]);
      const variance: tf.Tensor2D = tf.div(squares, Math.max(1, height * width - 1));
      return tf.sqrt(tf.add<tf.Tensor2D>(variance, EPSILON));
    }
    default:
      return grid(maps, pooling.grid);
  }
}

/** Means over cells, as products with one matrix for the rows and one for the columns. */
function grid(maps: tf.Tensor4D, cells: number): tf.Tensor2D {
  const [batch, height, width, channels] = maps.shape;
  if (!Number.isInteger(cells) || cells < 1 || cells > Math.min(height, width)) {
    throw new RangeError(
      `a grid on maps of ${height} x ${width} has 1 to ${Math.min(height, width)} cells a side, not ${cells}`,
    );
  }
  const rows: tf.Tensor3D = tf.reshape(maps, [batch, height, width * channels]);
  const byRow = tf.matMul(cellMeans(cells, height), rows);
  const columns: tf.Tensor3D = tf.reshape(byRow, [batch * cells, width, channels]);
  const byCell = tf.matMul(cellMeans(cells, width), columns);
  return tf.reshape(byCell, [batch, cells * cells * channels]);
}

/** `[1, cells, size] float32`: the weights with which positions count for each cell. */
function cellMeans(cells: number, size: number): tf.Tensor3D {
  const weights = Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * size) / cells);
    const to = Math.ceil(((cell + 1) * size) / cells);
    return Array.from({ length: size }, (_, at) => (from <= at && at < to ? 1 / (to - from) : 0));
  });
  return tf.tensor3d([weights]);
}

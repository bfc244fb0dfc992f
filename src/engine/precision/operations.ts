/**
 * What mixed precision does with each TensorFlow operation. One that is not listed stays float32: losses,
 * softmax, reductions, optimizers, and whatever nobody has looked at.
 */

/** How an operation takes part. */
export interface Lowering {
  /**
   * - `always`: where the time goes, and where the kernel sums in float32 whatever its inputs are.
   * - `any`: computed in bfloat16 where one of its operands is there already: a cast in between would cost
   *   more than it keeps.
   * - `all`: only where all of its operands are: it adds, and float32 is the better place to add to float32.
   */
  readonly when: 'always' | 'any' | 'all';
  /** Inputs of the operation's type `T`; the others (statistics, shapes, sizes) stay as they are. */
  readonly operands: readonly number[] | 'every';
}

/**
 * Of an operation's outputs only the first has its type `T`; those of the batch norm after it (statistics,
 * gradients of scale and offset) are float32 in either precision.
 */
export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ['Conv2D', { when: 'always', operands: [0, 1] }],
  ['Conv2DBackpropInput', { when: 'always', operands: [1, 2] }],
  ['Conv2DBackpropFilter', { when: 'always', operands: [0, 2] }],
  ['DepthwiseConv2dNative', { when: 'always', operands: [0, 1] }],
  ['DepthwiseConv2dNativeBackpropInput', { when: 'always', operands: [1, 2] }],
  ['DepthwiseConv2dNativeBackpropFilter', { when: 'always', operands: [0, 2] }],
  ['MatMul', { when: 'always', operands: [0, 1] }],
  ['BatchMatMulV2', { when: 'always', operands: [0, 1] }],

  ['BiasAdd', { when: 'any', operands: [0, 1] }],
  ['BiasAddGrad', { when: 'any', operands: [0] }],
  ['Relu', { when: 'any', operands: [0] }],
  ['ReluGrad', { when: 'any', operands: [0, 1] }],
  ['MaxPool', { when: 'any', operands: [0] }],
  ['MaxPoolGrad', { when: 'any', operands: [0, 1, 2] }],
  ['AvgPool', { when: 'any', operands: [0] }],
  ['AvgPoolGrad', { when: 'any', operands: [1] }],
  ['FusedBatchNormV3', { when: 'any', operands: [0] }],
  ['FusedBatchNormGradV3', { when: 'any', operands: [0, 1] }],
  ['Reshape', { when: 'any', operands: [0] }],
  ['Transpose', { when: 'any', operands: [0] }],
  ['PadV2', { when: 'any', operands: [0, 2] }],

  ['Add', { when: 'all', operands: [0, 1] }],
  ['AddV2', { when: 'all', operands: [0, 1] }],
  ['AddN', { when: 'all', operands: 'every' }],
]);

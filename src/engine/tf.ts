import { createRequire } from 'node:module';

import type * as tfjs from '@tensorflow/tfjs';

const require = createRequire(import.meta.url);
let library: typeof tfjs | undefined;

/**
 * TensorFlow.js, loaded when something of it is first used, since most commands use nothing of it.
 *
 * It is required because an `import` of it takes 0.4 s more: Node looks through 7 MB of CommonJS for the names of exports.
 */
export const tf = new Proxy({} as typeof tfjs, {
  get: (_, name) => (library ??= require('@tensorflow/tfjs') as typeof tfjs)[name as keyof typeof tfjs],
});

/* eslint-disable @typescript-eslint/no-namespace -- `tf.Tensor` is the class and its type, as it is of the package */
/** Its types, as far as they are needed. */
export declare namespace tf {
  export type Scalar = tfjs.Scalar;
  export type Tensor<R extends tfjs.Rank = tfjs.Rank> = tfjs.Tensor<R>;
  export type Tensor1D = tfjs.Tensor1D;
  export type Tensor2D = tfjs.Tensor2D;
  export type Tensor3D = tfjs.Tensor3D;
  export type Tensor4D = tfjs.Tensor4D;
  export type Variable<R extends tfjs.Rank = tfjs.Rank> = tfjs.Variable<R>;
  export type TensorBuffer<R extends tfjs.Rank, D extends tfjs.DataType = 'float32'> = tfjs.TensorBuffer<
    R,
    D
  >;
  export type TensorContainer = tfjs.TensorContainer;
  export type TensorInfo = tfjs.TensorInfo;
  export type NamedTensorMap = tfjs.NamedTensorMap;
  export type NamedTensorInfoMap = tfjs.NamedTensorInfoMap;
  export type DataType = tfjs.DataType;
  export type TypedArray = tfjs.TypedArray;
  export type Rank = tfjs.Rank;
  export type ShapeMap = tfjs.ShapeMap;
  export type Optimizer = tfjs.Optimizer;
  export type GraphModel = tfjs.GraphModel;
  export type GradConfig = tfjs.GradConfig;
  export type GradSaveFunc = tfjs.GradSaveFunc;
  export type KernelConfig = tfjs.KernelConfig;
  export type KernelFunc = tfjs.KernelFunc;
  export type NamedAttrMap = tfjs.NamedAttrMap;
  export type BatchMatMulAttrs = tfjs.BatchMatMulAttrs;
  export type TileAttrs = tfjs.TileAttrs;
  export type UnsortedSegmentSumAttrs = tfjs.UnsortedSegmentSumAttrs;
  export namespace Rank {
    export type R1 = tfjs.Rank.R1;
    export type R2 = tfjs.Rank.R2;
    export type R3 = tfjs.Rank.R3;
    export type R4 = tfjs.Rank.R4;
    export type R5 = tfjs.Rank.R5;
  }
}

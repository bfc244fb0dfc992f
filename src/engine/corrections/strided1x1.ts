import { tf } from '../tf.ts';
import { correctKernel } from './correct.ts';

/**
 * The gradient of a 1x1 convolution's kernel with a stride, on TensorFlow, from the positions that the convolution reads: with
 * stride 1 on those it is the same. oneDNN's own (3.7, `jit_1x1:avx2`, which picks the positions itself) is wrong where the input's
 * channels do not fill a vector: by half of the largest value, and not the same in every call (docs/engine.md).
 */
export function correctStrided1x1(): void {
  const backendName = 'tensorflow';
  const slice = tf.getKernel('StridedSlice', backendName).kernelFunc;
  correctKernel({ kernelName: 'Conv2DBackpropFilter', backendName }, (kernel) => (call) => {
    const { strides, pad, dataFormat, filterShape } = call.attrs as unknown as Attributes;
    const [high, wide] = typeof strides === 'number' ? [strides, strides] : strides;
    const isStrided1x1 = filterShape[0] === 1 && filterShape[1] === 1 && (high > 1 || wide > 1);
    // What TensorFlow does not know is left to the kernel, which says so.
    if (!isStrided1x1 || dataFormat !== 'NHWC' || typeof pad !== 'string') return kernel(call);
    const x = call.inputs['x']!;
    const read = slice({
      inputs: { x },
      backend: call.backend,
      attrs: {
        ...{ begin: [0, 0, 0, 0], end: x.shape, strides: [1, high, wide, 1] },
        ...{ beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 },
      },
    }) as tf.Tensor;
    const gradient = kernel({
      ...call,
      inputs: { ...call.inputs, x: read },
      attrs: { ...call.attrs, strides: 1 },
    });
    read.dispose();
    return gradient;
  });
}

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | [number, number][];
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly filterShape: [number, number, number, number];
}

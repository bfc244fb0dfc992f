import type { backend_util } from '@tensorflow/tfjs';

import { tf } from '../tf.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * A kernel that the wasm backend lacks, computed by the JavaScript backend on copies of its inputs. Slow, and meant
 * for kernels that are rarely needed.
 */
export function throughCpu(name: string): WasmKernel {
  return ({ inputs, attrs, backend }) => {
    const cpu = tf.findBackend('cpu') as CpuBackend;
    const copy = (tensor: tf.TensorInfo): tf.TensorInfo & { rank: number } => ({
      ...tensor,
      rank: tensor.shape.length, // which a few kernels ask for
      dataId: cpu.write(backend.readSync(tensor.dataId), tensor.shape, tensor.dtype),
    });
    // Kernels with a list of inputs (Einsum) get an array here, whatever the type says.
    const copies = Array.isArray(inputs)
      ? (inputs as tf.TensorInfo[]).map(copy)
      : Object.fromEntries(
          Object.entries(inputs).flatMap(([key, x]) => (x === undefined ? [] : [[key, copy(x)] as const])),
        );
    const output = tf.getKernel(name, 'cpu').kernelFunc({
      inputs: copies as tf.NamedTensorInfoMap,
      backend: cpu,
      ...(attrs === undefined ? {} : { attrs }),
    });
    if (Array.isArray(output)) throw new Error(`The kernel '${name}' has ${output.length} outputs, not one.`);
    const values = cpu.readSync(output.dataId) as tf.TypedArray;
    const result = backend.makeOutput(output.shape, output.dtype, undefined, values);
    for (const tensor of [...Object.values(copies), output]) cpu.disposeData(tensor.dataId);
    return result;
  };
}

/** What is used of the JavaScript backend. */
interface CpuBackend {
  write(values: backend_util.BackendValues, shape: number[], dtype: tf.DataType): object;
  readSync(dataId: object): backend_util.BackendValues;
  disposeData(dataId: object): boolean;
}

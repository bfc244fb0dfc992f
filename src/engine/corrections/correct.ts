import { tf } from '../tf.ts';

/** The gradient of an operation with respect to its inputs, by name, as TensorFlow.js registers it. */
export type Gradient = tf.GradConfig['gradFunc'];

const corrected = new Set<string>();

/**
 * Puts another gradient in the place of the one that TensorFlow.js has for an operation, on all backends. Further calls for that
 * operation change nothing.
 */
export function correctGradient(kernelName: string, correct: (gradient: Gradient) => Gradient): void {
  if (corrected.has(kernelName)) return;
  const { gradFunc, ...config } = tf.getGradient(kernelName);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({ ...config, gradFunc: correct(gradFunc) });
  corrected.add(kernelName);
}

/** Puts another kernel in the place of one of a backend. Further calls for that kernel change nothing. */
export function correctKernel(
  { kernelName, backendName }: { readonly kernelName: string; readonly backendName: string },
  correct: (kernel: tf.KernelFunc) => tf.KernelFunc,
): void {
  const key = `${kernelName} ${backendName}`;
  if (corrected.has(key)) return;
  const { kernelFunc } = tf.getKernel(kernelName, backendName);
  putKernel({ kernelName, backendName, kernelFunc: correct(kernelFunc) });
  corrected.add(key);
}

/** Registers a kernel, in the place of the one that the backend has, if any. */
export function putKernel(kernel: tf.KernelConfig): void {
  // The type says that there always is one; `getKernel` returns undefined where there is none.
  const replaced = tf.getKernel(kernel.kernelName, kernel.backendName) as tf.KernelConfig | undefined;
  // tfjs warns when a kernel is registered over another one.
  if (replaced !== undefined) tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  // The set-up of a replaced kernel of wasm binds its function of the wasm module, which may still be called.
  tf.registerKernel({ ...replaced, ...kernel });
}

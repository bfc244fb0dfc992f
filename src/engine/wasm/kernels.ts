import { tf } from '../tf.ts';
import { putKernel } from '../corrections/correct.ts';
import { batchMatMul, inAnyShape } from './batchMatMul.ts';
import { conv2dBackpropFilter } from './conv2dBackpropFilter.ts';
import { conv2dBackpropInput } from './conv2dBackpropInput.ts';
import { DETOURS } from './detours.ts';
import { explicitPadding } from './explicitPadding.ts';
import type { WasmKernel } from './kernel.ts';
import { maxPoolGrad } from './maxPoolGrad.ts';
import { sumOverLeadingAxes } from './sumOverLeadingAxes.ts';
import { throughCpu } from './throughCpu.ts';
import { repeatWhole } from './tile.ts';
import { unsortedSegmentSum } from './unsortedSegmentSum.ts';

/** Kernels that the backend lacks and that the workbook needs rarely. */
const LACKING = ['DepthwiseConv2dNativeBackpropFilter', 'DepthwiseConv2dNativeBackpropInput', 'Einsum'];

/** Kernels that the backend has, and that are wrong in all but a few calls. */
const WRONG = [
  'Conv3DBackpropFilterV2',
  'Conv3DBackpropInputV2',
  'Dilation2D',
  'Dilation2DBackpropFilter',
  'Dilation2DBackpropInput',
];

/**
 * Completes the wasm backend for training. It adds gradient kernels that are lacking (`Conv2DBackpropFilter`,
 * `UnsortedSegmentSum`, those of the depthwise convolution) and `Einsum`; puts right what is wrong (`MaxPoolGrad`, the
 * forward convolutions with `same` padding and large strides, the calls that {@link DETOURS} lists); and makes fast
 * what is slow (`Conv2DBackpropInput`, `BatchMatMul` with a transposed factor, `Sum` and
 * `Mean` over leading axes, `Tile` of a whole tensor). Further calls change nothing.
 */
export function registerKernels(): void {
  // The backend's own set (4.22) has no such kernel, so where there is one, this has been done.
  if (registered('Conv2DBackpropFilter') !== undefined) return;

  register('Conv2DBackpropFilter', conv2dBackpropFilter);
  register('Conv2DBackpropInput', conv2dBackpropInput);
  register('MaxPoolGrad', maxPoolGrad);
  register('UnsortedSegmentSum', unsortedSegmentSum);
  register('BatchMatMul', batchMatMul(own('BatchMatMul')));
  register('_FusedMatMul', inAnyShape(own('_FusedMatMul')));
  register('Tile', repeatWhole(own('Tile')));
  for (const name of ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D']) {
    register(name, explicitPadding(own(name)));
  }
  for (const name of ['Sum', 'Mean'] as const) register(name, sumOverLeadingAxes(own(name), name));
  for (const [name, isWrong] of Object.entries(DETOURS)) {
    const kernel = own(name);
    const detour = throughCpu(name);
    register(name, (call) => (isWrong(call) ? detour(call) : kernel(call)));
  }
  for (const name of [...LACKING, ...WRONG]) register(name, throughCpu(name));
}

/** The kernel that the backend has by now. */
function registered(name: string): tf.KernelConfig | undefined {
  // The type says that there always is one; `getKernel` returns undefined where there is none.
  return tf.getKernel(name, 'wasm');
}

/** A kernel that comes with the backend. */
function own(name: string): WasmKernel {
  const kernel = registered(name);
  if (kernel === undefined) throw new Error(`The wasm backend has no kernel '${name}': is it imported?`);
  return kernel.kernelFunc as WasmKernel;
}

function register(kernelName: string, kernel: WasmKernel): void {
  putKernel({ kernelName, backendName: 'wasm', kernelFunc: kernel as unknown as tf.KernelFunc });
}

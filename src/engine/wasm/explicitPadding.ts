import { tf } from '../tf.ts';
import { input, type WasmKernel } from './kernel.ts';

/**
 * A forward convolution of the backend with `same` padding spelled out in numbers. The backend (4.22) leaves it to
 * XNNPACK to find them, whose unsigned arithmetic fails where the stride is larger than the filter and the last
 * window ends before the input does; the output then keeps whatever was in its memory, without an error.
 *
 * @param convolution The backend's own kernel, with inputs `x` and `filter`.
 */
export function explicitPadding(convolution: WasmKernel): WasmKernel {
  return (call) => {
    const attrs = call.attrs!;
    if (attrs['pad'] !== 'same') return convolution(call);
    const { padInfo } = tf.backend_util.computeConv2DInfo(
      input(call, 'x').shape as [number, number, number, number],
      input(call, 'filter').shape as [number, number, number, number],
      attrs['strides'] as number | [number, number],
      attrs['dilations'] as number | [number, number],
      'same',
    );
    const pad = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ];
    return convolution({ ...call, attrs: { ...attrs, pad } });
  };
}

/**
 * The strides of a shortcut without a projection: how many rows and columns of the block's input there are for one of its output.
 *
 * @param from `[height, width]` of the input
 * @param to of the output
 */
export function shortcutStrides(
  from: readonly [number, number],
  to: readonly [number, number],
): [number, number] {
  return [Math.round(from[0] / to[0]), Math.round(from[1] / to[1])];
}

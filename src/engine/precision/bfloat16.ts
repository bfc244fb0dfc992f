/** TensorFlow's number of the type (types.proto). */
export const DT_BFLOAT16 = 14;

/**
 * The bytes of float32 values as those of bfloat16 ones: the upper half of each, rounded to the nearest and, in
 * the middle, to the even one, as TensorFlow's Cast does. 8 significant bits: a relative error of `2^-9` at most.
 */
export function bfloat16Bytes(float32: Uint8Array): Uint8Array {
  const from = new DataView(float32.buffer, float32.byteOffset, float32.byteLength);
  const to = new DataView(new ArrayBuffer(float32.byteLength / 2));
  for (let i = 0; i < to.byteLength / 2; i++) {
    const bits = from.getUint32(4 * i, true);
    const isNan = (bits & 0x7fffffff) > 0x7f800000;
    // Adding less than one half, or one half where the last bit is 1, carries into the upper half as it should.
    const rounded = isNan ? bits | 0x00400000 : bits + 0x7fff + ((bits >>> 16) & 1);
    to.setUint16(2 * i, (rounded >>> 16) & 0xffff, true);
  }
  return new Uint8Array(to.buffer);
}

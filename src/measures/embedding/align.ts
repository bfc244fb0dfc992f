/**
 * An embedding turned, and mirrored where that helps, onto another one of the same rows (orthogonal Procrustes), so
 * that two pictures can be compared. Distances stay as they are.
 *
 * @param points `[n, 2]`
 * @param reference `[n, 2]`
 * @returns `[n, 2]`, centred on the reference's centre
 * @throws RangeError where they have not the same length
 */
export function align(points: Float64Array, reference: Float64Array): Float64Array {
  if (points.length !== reference.length) {
    throw new RangeError(`align: ${points.length / 2} points and ${reference.length / 2} to turn them onto.`);
  }
  const [px, py] = centreOf(points);
  const [rx, ry] = centreOf(reference);
  let xx = 0;
  let xy = 0;
  let yx = 0;
  let yy = 0;
  for (let i = 0; i < points.length; i += 2) {
    const [a, b] = [points[i]! - px, points[i + 1]! - py];
    const [c, d] = [reference[i]! - rx, reference[i + 1]! - ry];
    xx += a * c;
    xy += a * d;
    yx += b * c;
    yy += b * d;
  }
  // The best turn, and the best turn of the mirror image, reach these sums of dot products.
  const turned = Math.hypot(xx + yy, xy - yx);
  const mirrored = Math.hypot(xx - yy, xy + yx);
  const isMirrored = mirrored > turned;
  const length = isMirrored ? mirrored : turned;
  const sign = isMirrored ? -1 : 1;
  const cos = length === 0 ? 1 : (xx + sign * yy) / length;
  const sin = length === 0 ? 0 : (xy - sign * yx) / length;
  const aligned = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [a, b] = [points[i]! - px, sign * (points[i + 1]! - py)];
    aligned[i] = rx + cos * a - sin * b;
    aligned[i + 1] = ry + sin * a + cos * b;
  }
  return aligned;
}

function centreOf(points: Float64Array): [number, number] {
  let x = 0;
  let y = 0;
  for (let i = 0; i < points.length; i += 2) {
    x += points[i]!;
    y += points[i + 1]!;
  }
  return [(2 * x) / points.length, (2 * y) / points.length];
}

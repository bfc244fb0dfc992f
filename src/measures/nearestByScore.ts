/**
 * The `nearest.length` rows with the highest score `a.b - ||b||^2 / 2`, which falls as the distance rises, the highest first.
 *
 * @param dots `a.b` of every row `b`, from `offset` on
 * @param halfSquare `||b||^2 / 2` of every row
 * @param self a row that is left out; -1: none
 * @param nearest takes their places
 * @param scores room for as many scores
 */
export function nearestByScore(
  dots: Float64Array | Float32Array,
  offset: number,
  halfSquare: Float64Array,
  self: number,
  nearest: Int32Array,
  scores: Float64Array,
): void {
  const k = nearest.length;
  scores.fill(-Infinity);
  let worst = -Infinity;
  for (let t = 0; t < halfSquare.length; t++) {
    const score = dots[offset + t]! - halfSquare[t]!;
    // `>` and not `>=`: of equally near rows the earlier stays.
    if (!(score > worst) || t === self) continue;
    let at = k - 1;
    for (; at > 0 && score > scores[at - 1]!; at--) {
      scores[at] = scores[at - 1]!;
      nearest[at] = nearest[at - 1]!;
    }
    scores[at] = score;
    nearest[at] = t;
    worst = scores[k - 1]!;
  }
}

/**
 * The mixture separability loss and its gradient as plain loops in float64, straight from the formula: an
 * implementation independent of the engines, against which they are compared.
 */

export interface ReferenceOptions {
  readonly margin: number;
  readonly betweenWeight: number;
  readonly center: boolean;
  readonly epsilon: number;
}

export interface ReferenceLoss {
  readonly withinClass: number;
  readonly betweenClass: number;
  readonly total: number;
  /** d(part)/d(features), `[batch][dim]` */
  readonly gradients: { readonly withinClass: number[][]; readonly betweenClass: number[][] };
  /** Smallest distance of two rows of different classes (with epsilon). */
  readonly smallestDistance: number;
}

export function referenceLoss(
  features: readonly (readonly number[])[],
  labels: readonly number[],
  { margin, betweenWeight, center, epsilon }: ReferenceOptions,
): ReferenceLoss {
  const n = features.length;
  const dim = features[0]?.length ?? 0;
  const mean = Array.from({ length: dim }, (_, k) =>
    center ? features.reduce((sum, row) => sum + row[k]!, 0) / n : 0,
  );
  const v = features.map((row) => row.map((x, k) => x - mean[k]!));
  const lengths = v.map((row) => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) + epsilon));
  const z = v.map((row, i) => row.map((x) => x / lengths[i]!));

  let same = 0;
  let different = 0;
  let within = 0;
  let between = 0;
  let smallestDistance = Infinity;
  const zeros = () => z.map((row) => row.map(() => 0));
  const gradWithin = zeros();
  const gradBetween = zeros();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const difference = z[i]!.map((x, k) => x - z[j]![k]!);
      const squared = difference.reduce((sum, x) => sum + x * x, 0);
      if (labels[i] === labels[j]) {
        same++;
        within += squared;
        difference.forEach((x, k) => (gradWithin[i]![k]! += 4 * x));
      } else {
        different++;
        const distance = Math.sqrt(squared + epsilon);
        smallestDistance = Math.min(smallestDistance, distance);
        const gap = Math.max(0, margin - distance);
        between += gap * gap;
        difference.forEach((x, k) => (gradBetween[i]![k]! -= (4 * gap * x) / distance));
      }
    }
  }
  const pull = (gradient: number[][], count: number): number[][] => {
    const scaled = gradient.map((row) => row.map((x) => x / Math.max(1, count)));
    // Through the unit norm: dz/dv = (I - z z^T) / ||v||; then through the centring.
    const toV = scaled.map((g, i) => {
      const along = g.reduce((sum, x, k) => sum + x * z[i]![k]!, 0);
      return g.map((x, k) => (x - along * z[i]![k]!) / lengths[i]!);
    });
    if (!center) return toV;
    const meanGradient = Array.from(
      { length: dim },
      (_, k) => toV.reduce((sum, row) => sum + row[k]!, 0) / n,
    );
    return toV.map((row) => row.map((x, k) => x - meanGradient[k]!));
  };
  const withinClass = within / Math.max(1, same);
  const betweenClass = between / Math.max(1, different);
  return {
    withinClass,
    betweenClass,
    total: withinClass + betweenWeight * betweenClass,
    gradients: {
      withinClass: pull(gradWithin, same),
      betweenClass: pull(gradBetween, different),
    },
    smallestDistance,
  };
}

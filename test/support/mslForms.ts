/**
 * Every form of the mixture separability loss as plain loops in float64, straight from the table in its documentation; its
 * gradient by central differences. Independent of the engines.
 */
import type { MixtureSeparabilityOptions } from '../../src/losses/index.ts';

type Rows = readonly (readonly number[])[];
type Part = 'withinClass' | 'betweenClass';
type Options = Required<MixtureSeparabilityOptions>;

/** Both parts. */
export function formsOf(features: Rows, labels: readonly number[], options: Options): Record<Part, number> {
  const { center, unitNorm, distance, epsilon, between, margin, beta, target, pairs } = options;
  const n = features.length;
  const dim = features[0]?.length ?? 0;
  const mean = Array.from({ length: dim }, (_, k) =>
    center ? features.reduce((sum, row) => sum + row[k]!, 0) / n : 0,
  );
  const u = features.map((row) => row.map((x, k) => x - mean[k]!));
  const unit = (row: readonly number[]) => {
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) + epsilon);
    return row.map((x) => x / length);
  };
  const z = unitNorm || distance === 'cosine' ? u.map(unit) : u;
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);

  interface Pair {
    readonly i: number;
    readonly j: number;
    readonly square: number;
    readonly value: number;
  }
  const found: Record<Part, Pair[]> = { withinClass: [], betweenClass: [] };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const euclidean = z[i]!.reduce((sum, x, k) => sum + (x - z[j]![k]!) ** 2, 0);
      const square = distance === 'cosine' ? 2 * (1 - dot(z[i]!, z[j]!)) : euclidean;
      const gap = distance === 'cosine' ? square / 2 : Math.sqrt(square + epsilon);
      if (labels[i] === labels[j]) {
        found.withinClass.push({ i, j, square, value: distance === 'squaredEuclidean' ? square : gap });
        continue;
      }
      const value = {
        squaredHinge: Math.max(0, margin - gap) ** 2,
        hinge: Math.max(0, margin - gap),
        pairwiseGaussian: -Math.log(1 - Math.exp(-beta * square - epsilon)),
        similarityTarget: (dot(unit(z[i]!), unit(z[j]!)) - target) ** 2,
      }[between];
      found.betweenClass.push({ i, j, square, value });
    }
  }

  const average = (values: readonly number[]) =>
    values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  const groups = (list: readonly Pair[], key: (pair: Pair) => string): Pair[][] =>
    [...new Set(list.map(key))].map((name) => list.filter((pair) => key(pair) === name));
  const select = (list: readonly Pair[], farthest: boolean): number => {
    switch (pairs) {
      case 'all':
        return average(list.map((pair) => pair.value));
      case 'balanced':
        return average(
          groups(list, ({ i, j }) => `${labels[i]!} ${labels[j]!}`).map((group) =>
            average(group.map((p) => p.value)),
          ),
        );
      case 'hardest':
        return average(
          groups(list, ({ i }) => String(i)).map((group) => {
            const order = group.toSorted((a, b) => (farthest ? b.square - a.square : a.square - b.square));
            return order[0]!.value;
          }),
        );
    }
  };
  return { withinClass: select(found.withinClass, true), betweenClass: select(found.betweenClass, false) };
}

/** d(part)/d(features), `[batch][dim]` */
export function formGradient(
  features: Rows,
  labels: readonly number[],
  options: Options,
  part: Part,
): number[][] {
  const h = 1e-5;
  return features.map((row, i) =>
    row.map((_, k) => {
      const at = (step: number) =>
        formsOf(
          features.map((other, r) => other.map((x, c) => (r === i && c === k ? x + step : x))),
          labels,
          options,
        )[part];
      return (at(h) - at(-h)) / (2 * h);
    }),
  );
}

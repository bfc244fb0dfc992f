/** The probes of an epoch as one record. */
import { quantile } from '../measures/index.ts';
import type { ProbeName } from './probe.ts';

/** Numbers by the losses: `crossEntropy`, each other loss with all of its taps, and (of norms) `total`. */
export type ByLoss = Readonly<Record<string, number>>;

/** What the probed steps of an epoch showed, before their updates. */
export interface ProbeRecord {
  /** Steps that were probed. */
  readonly steps: number;
  /** Mean length of a sample's gradient at the logits and at the activation of every tap. */
  readonly gradientNorms: Readonly<Record<string, ByLoss>>;
  /** By threshold: share of the samples whose gradient at the logits is shorter. */
  readonly saturated: Readonly<Record<string, number>>;
  /** By probability: quantiles of the label's logit minus the largest other. */
  readonly margins: Readonly<Record<string, number>>;
  /** By loss: mean cosine of its gradient and cross-entropy's, over the weights that both reach. */
  readonly cosines: ByLoss;
  /**
   * By layer and loss: the part of the gradient of the layer's weights that comes from the loss, as its share along the
   * whole gradient. They add up to 1; one that pulls the other way is below 0. A layer without a gradient is left out.
   */
  readonly updateShares: Readonly<Record<string, ByLoss>>;
}

/** Shorter than which a gradient at the logits counts as vanished, in steps of ten; the longest is sqrt(2). */
const SATURATION_THRESHOLDS = [0.1, 0.01, 0.001] as const;

/** Of the margins' quantiles. */
const MARGIN_PROBABILITIES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** What a probe measured, read from the engine. */
export interface ProbeValues {
  readonly names: readonly ProbeName[];
  readonly values: Float32Array;
  readonly lengthsAtLogits: Float32Array;
  readonly margins: Float32Array;
}

/** Puts the probes of an epoch together; there is at least one. */
export function probeRecord(probes: readonly ProbeValues[]): ProbeRecord {
  const { names } = probes[0]!;
  const means = names.map((_, i) => probes.reduce((sum, { values }) => sum + values[i]!, 0) / probes.length);
  const gradientNorms: Record<string, Record<string, number>> = {};
  const products: Record<string, Record<string, number>> = {};
  const cosines: Record<string, number> = {};
  names.forEach((name, i) => {
    if (name.kind === 'norm') (gradientNorms[name.point] ??= {})[name.group] = means[i]!;
    else if (name.kind === 'product') (products[name.layer] ??= {})[name.group] = means[i]!;
    else cosines[name.group] = means[i]!;
  });
  const lengths = pooled(probes.map(({ lengthsAtLogits }) => lengthsAtLogits));
  const margins = pooled(probes.map((probe) => probe.margins)).sort();
  return {
    steps: probes.length,
    gradientNorms,
    saturated: Object.fromEntries(
      SATURATION_THRESHOLDS.map((threshold) => {
        const below = lengths.reduce((count, length) => count + (length < threshold ? 1 : 0), 0);
        return [String(threshold), below / lengths.length];
      }),
    ),
    margins: Object.fromEntries(MARGIN_PROBABILITIES.map((p) => [String(p), quantile(margins, p)])),
    cosines,
    updateShares: Object.fromEntries(
      Object.entries(products).flatMap(([layer, byLoss]) => {
        const whole = Object.values(byLoss).reduce((sum, value) => sum + value, 0);
        const shares = Object.entries(byLoss).map(([loss, value]) => [loss, value / whole] as const);
        return whole > 0 ? [[layer, Object.fromEntries(shares)] as const] : [];
      }),
    ),
  };
}

function pooled(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

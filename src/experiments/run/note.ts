import type { StepReport } from '../../training/index.ts';

/**
 * What the progress says of a training: `epoch 3 of 12, 2,268 images/s, loss 1.342 (crossEntropy 1.281, msl withinClass
 * 0.412, ...)`. Numbers are means over the epoch so far; parts of a loss also over its taps.
 */
export function stepNote({ epoch, measures, imagesPerSecond }: StepReport, epochs: number): string {
  const parts = new Map<string, number[]>();
  for (const [name, value] of Object.entries(measures)) {
    if (NO_PARTS.includes(name)) continue;
    const [loss, , part] = name.split('/');
    const key = part === undefined ? name : `${loss} ${part}`;
    parts.set(key, [...(parts.get(key) ?? []), value]);
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const shown = [...parts].map(([name, values]) => `${name} ${mean(values).toFixed(3)}`).join(', ');
  const pace = Math.round(imagesPerSecond).toLocaleString('en');
  return `epoch ${epoch} of ${epochs}, ${pace} images/s, loss ${measures['total']!.toFixed(3)} (${shown})`;
}

const NO_PARTS = ['total', 'accuracy', 'gradientNormLogits'];

import type { EpochRecord } from '../../experiments/index.ts';
import type { StudyRecords } from '../study/study.ts';
import { armCurves, type Measure } from './armCurves.ts';
import { epochAxis, logAxis } from './axes.ts';
import { panelFigure, type Panel } from './panels.ts';
import type { Figure } from './theme.ts';

type Probes = NonNullable<EpochRecord['probes']>;

/** Of the label's logit minus the largest other, in their order in the picture. */
const MARGINS = [
  { quantile: '0.5', part: undefined },
  { quantile: '0.05', part: { name: 'lowest and highest 5 %', place: 0 } },
  { quantile: '0.95', part: { name: 'lowest and highest 5 %', place: 0 } },
] as const;

/** What the probes of a study say, in the order of its runs. */
export function probesOf(study: StudyRecords): Probes[] {
  return study.runs.flatMap((run) => run.epochs.flatMap((epoch) => epoch.probes ?? []));
}

/** Whether any run recorded what drove its training. */
export function hasProbes(study: StudyRecords): boolean {
  return probesOf(study).length > 0;
}

/** A measure of an epoch's probes. */
export function ofProbes(measure: (probes: Probes) => number | undefined): Measure {
  return ({ probes }) => probes && measure(probes);
}

/**
 * Whom cross-entropy still teaches, by epoch: the shares of samples whose gradient at the logits is below each threshold, and
 * by how much the label's logit is above the largest other, of the median sample and of the lowest and highest twentieth.
 * Drawn as by {@link armCurves}.
 */
export function saturationCurves(study: StudyRecords): Figure {
  const thresholds = [...new Set(probesOf(study).flatMap(({ saturated }) => Object.keys(saturated)))].sort(
    (a, b) => Number(b) - Number(a),
  );
  const x = epochAxis(study);
  const panels: Panel[] = [
    ...thresholds.map((threshold): Panel => ({
      title: `Samples with a gradient below ${threshold}`,
      x,
      y: { title: 'share of samples (%)', range: [-3, 103] },
    })),
    { title: 'Logit margin', x, y: { title: 'label’s logit − largest other', zeroline: true } },
  ];
  const shares = thresholds.flatMap((threshold, panel) =>
    armCurves(study, {
      panel,
      measure: ofProbes(({ saturated }) => percent(saturated[threshold])),
    }),
  );
  const margins = MARGINS.flatMap(({ quantile, part }, i) =>
    armCurves(study, {
      panel: thresholds.length,
      measure: ofProbes((probes) => probes.margins[quantile]),
      ...(part === undefined ? {} : { part }),
      showlegend: i === 1,
    }),
  );
  return panelFigure(
    [...shares, ...margins],
    panels,
    'By epoch, a line for each arm: the share of samples whose gradient at the logits is below each threshold, and the margin of the label’s logit.',
    { columns: 2, height: 200 },
  );
}

/**
 * The gradient that reaches each tap and the logits, by epoch, on one logarithmic scale: of the whole objective, and, in arms
 * with losses beside cross-entropy, of each loss with all of its taps. Drawn as by {@link armCurves}.
 */
export function tapGradientCurves(study: StudyRecords): Figure {
  const probes = probesOf(study);
  const points = [...new Set(probes.flatMap((probe) => Object.keys(probe.gradientNorms)))];
  const besides = lossesBeside(study);
  const parts = besides.length === 0 ? [] : ['crossEntropy', ...besides];
  const norms = probes.flatMap((probe) =>
    Object.values(probe.gradientNorms).flatMap((byLoss) => Object.values(byLoss)),
  );
  const panels = points.map((point) => ({
    title: `Gradient at ${point}`,
    x: epochAxis(study),
    y: { title: 'mean norm of a sample', ...logAxis(norms) },
  }));
  const named = new Set<string>();
  const data = points.flatMap((point, panel) => [
    ...armCurves(study, {
      panel,
      measure: ofProbes((probe) => positive(probe.gradientNorms[point]?.['total'])),
    }),
    ...parts.flatMap((loss, place) =>
      armCurves(study, {
        panel,
        // Where cross-entropy is alone it is the whole.
        measure: ofProbes((probe) =>
          Object.keys(probe.cosines).length === 0 ? undefined : positive(probe.gradientNorms[point]?.[loss]),
        ),
        part: { name: lossTitle(loss), place },
      }),
    ),
  ]);
  // What is only drawn below the top panel is explained there as well.
  for (const trace of data as { name?: string; showlegend?: boolean }[]) {
    trace.showlegend = trace.name !== undefined && !named.has(trace.name);
    if (trace.name !== undefined) named.add(trace.name);
  }
  return panelFigure(
    data,
    panels,
    'By epoch, in the steps that were probed, on one logarithmic scale: the length of a sample’s gradient at each tap and at the logits, in all and of each loss.',
    { columns: 3, gap: 0.13, height: 200 },
  );
}

/** The losses beside cross-entropy that any run was probed with, or those of an arm. */
export function lossesBeside(study: StudyRecords, arm?: string): string[] {
  const runs = study.runs.filter((run) => arm === undefined || run.arm === arm);
  return [...new Set(probesOf({ ...study, runs }).flatMap(({ cosines }) => Object.keys(cosines)))];
}

/** A loss in words. */
export function lossTitle(loss: string): string {
  return { crossEntropy: 'cross-entropy', msl: 'MSL' }[loss] ?? loss;
}

/** A logarithmic axis has no place for 0. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : 100 * share;
}

import type { Data } from 'plotly.js-dist-min';

import type { EpochRecord } from '../../experiments/index.ts';
import { finishedRunsOf, meanOrNull, type Arm, type StudyRecords } from '../study.ts';
import { logTicks } from './curves.ts';
import { axesOf, panelFigure, type Panel } from './panels.ts';
import { armStyle, plotlyText, rounded, type Figure } from './theme.ts';

type Probes = NonNullable<EpochRecord['probes']>;

/** Threshold below which a sample's gradient counts as vanished in the picture. */
const VANISHED = '0.01';

/** Whether any run recorded what drove its training. */
export function hasProbes(study: StudyRecords): boolean {
  return study.runs.some((run) => run.epochs.some((epoch) => epoch.probes !== undefined));
}

/**
 * What drove training, by epoch: the share of samples that cross-entropy teaches next to nothing, the gradient at each tap,
 * in all and of each loss beside cross-entropy, and whether those losses pull the weights the same way. Means over an
 * arm's finished runs.
 */
export function saturationCurves(study: StudyRecords): Figure {
  const probes = study.runs.flatMap((run) => run.epochs.flatMap((epoch) => epoch.probes ?? []));
  const points = unique(probes.flatMap((probe) => Object.keys(probe.gradientNorms)));
  const losses = unique(probes.flatMap((probe) => Object.keys(probe.cosines)));
  const epoch = { title: 'epoch' };
  const panels: Panel[] = [
    {
      title: `Samples with a gradient below ${VANISHED}`,
      x: epoch,
      y: { title: 'share of samples (%)', rangemode: 'tozero' },
    },
    ...(losses.length === 0
      ? []
      : [
          {
            title: 'Cosine with cross-entropy’s gradient',
            x: epoch,
            y: { title: 'cosine', zeroline: true },
          },
        ]),
    ...points.map((point) => ({
      title: `Gradient at ${point}`,
      x: epoch,
      y: {
        title: 'mean norm of a sample',
        type: 'log' as const,
        ...logTicks(probes.flatMap((probe) => Object.values(probe.gradientNorms[point] ?? {}))),
      },
    })),
  ];
  const first = losses.length === 0 ? 1 : 2;
  const data = study.arms.flatMap((arm, position) => [
    ...curve(study, arm, position, 0, '', (probe) => {
      const share = probe.saturated[VANISHED];
      return share === undefined ? undefined : 100 * share;
    }),
    ...losses.flatMap((loss) => curve(study, arm, position, 1, loss, (probe) => probe.cosines[loss])),
    ...points.flatMap((point, i) => [
      ...curve(study, arm, position, first + i, '', (probe) => probe.gradientNorms[point]?.['total']),
      ...losses.flatMap((loss) =>
        curve(study, arm, position, first + i, loss, (probe) => positive(probe.gradientNorms[point]?.[loss])),
      ),
    ]),
  ]);
  // What is only drawn below the top panel is explained there as well.
  const named = new Set<string>();
  for (const trace of data as { name?: string; showlegend?: boolean }[]) {
    trace.showlegend = trace.name !== undefined && !named.has(trace.name);
    if (trace.name !== undefined) named.add(trace.name);
  }
  return panelFigure(
    data,
    panels,
    'By epoch: the share of samples with a vanished gradient, and the gradient at each tap, in all and of each loss.',
    { columns: 2, height: 200, legendEntries: 2 * named.size },
  );
}

function curve(
  study: StudyRecords,
  arm: Arm,
  position: number,
  panel: number,
  loss: string,
  measure: (probe: Probes) => number | undefined,
): Data[] {
  const runs = finishedRunsOf(study, arm);
  const epochs = unique(
    runs.flatMap((run) => run.epochs.flatMap(({ epoch, probes }) => (probes ? [epoch] : []))),
  ).sort((a, b) => a - b);
  const values = epochs.map((epoch) =>
    rounded(
      meanOrNull(
        runs.map((run) => {
          const probe = run.epochs.find((candidate) => candidate.epoch === epoch)?.probes;
          return probe && measure(probe);
        }),
      ),
    ),
  );
  if (values.every((value) => value === null)) return [];
  const { colour, dash } = armStyle(position);
  const name = `${arm.title}${loss === '' ? '' : `: ${loss} alone`}`;
  return [
    {
      type: 'scatter',
      mode: epochs.length === 1 ? 'markers' : 'lines',
      name: plotlyText(name),
      legendgroup: name,
      x: epochs,
      y: values,
      line: { color: colour, width: loss === '' ? 2.5 : 1.5, dash: loss === '' ? dash : 'dot' },
      hovertemplate: `${plotlyText(name)}, epoch %{x}: %{y:.3g}<extra></extra>`,
      ...axesOf(panel),
    },
  ];
}

/** A logarithmic axis has no place for 0. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

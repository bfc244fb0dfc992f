import type { Data } from 'plotly.js-dist-min';

import type { EpochRecord } from '../../experiments/records.ts';
import { mean, SEEDS_FOR_INTERVAL, standardDeviation } from '../../measures/index.ts';
import { meanOrNull, runsOf, type Arm, type RunRecord, type StudyRecords } from '../study.ts';
import { axesOf, panelFigure, type Panel } from './panels.ts';
import { armStyle, faded, plotlyText, rounded, type Figure } from './theme.ts';

type Measure = (epoch: EpochRecord) => number | undefined;

/**
 * Accuracy and cross-entropy per epoch, on the training images and on validation where there is one: a thick line for
 * an arm's mean over its runs, a thin one for each run; from six runs on a band of a standard deviation instead of them.
 */
export function learningCurves(study: StudyRecords): Figure {
  const hasValidation = study.runs.some((run) => run.epochs.some((epoch) => epoch.validation !== undefined));
  const accuracyTrain: Measure = (epoch) => epoch.train.accuracy * 100;
  const accuracyValidation: Measure = (epoch) => epoch.validation && epoch.validation.accuracy * 100;
  const lossTrain: Measure = (epoch) => epoch.train.losses['crossEntropy'];
  const lossValidation: Measure = (epoch) => epoch.validation?.crossEntropy;
  const measures = hasValidation
    ? [accuracyTrain, accuracyValidation, lossTrain, lossValidation]
    : [accuracyTrain, lossTrain];
  const accuracy = (title: string): Panel => ({
    title,
    x: { title: 'epoch' },
    y: { title: 'accuracy (%)' },
  });
  const loss = (title: string): Panel => ({
    title,
    x: { title: 'epoch' },
    y: { title: 'cross-entropy (nats)', rangemode: 'tozero' },
  });
  return panelFigure(
    measures.flatMap((measure, panel) => curves(study, measure, panel)),
    hasValidation
      ? [
          accuracy('Training accuracy'),
          accuracy('Validation accuracy'),
          loss('Training cross-entropy'),
          loss('Validation cross-entropy'),
        ]
      : [accuracy('Training accuracy'), loss('Training cross-entropy')],
    'Accuracy and cross-entropy by epoch, a line for each arm.',
    { columns: 2, height: 220, legendEntries: study.arms.length },
  );
}

/**
 * Ticks of a logarithmic axis, spelled out, since plotly writes a bare 2 and 5 between the powers of ten: 1, 2 and 5 times
 * them, or all nine digits where the values span less than a factor of ten.
 */
export function logTicks(values: readonly number[]): { tickvals: number[]; ticktext: string[] } {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const few = Math.max(...positive) < 10 * Math.min(...positive);
  const digits = few ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 5];
  const tickvals = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => digits.map((digit) => digit / 10 ** power));
  return { tickvals, ticktext: tickvals.map(String) };
}

/** The gradient norm at the logits per epoch, on a logarithmic axis: where it falls towards 0, training saturates. */
export function gradientNormCurves(study: StudyRecords): Figure {
  const ticks = logTicks(
    study.runs.flatMap((run) => run.epochs.map((epoch) => epoch.train.gradientNormLogits)),
  );
  return panelFigure(
    curves(study, (epoch) => epoch.train.gradientNormLogits, 0),
    [
      {
        title: 'Gradient norm at the logits',
        x: { title: 'epoch' },
        y: {
          type: 'log',
          title: 'mean ‖softmax − one-hot‖',
          ...ticks,
        },
      },
    ],
    'The gradient norm at the logits by epoch on a logarithmic axis, a line for each arm.',
    { columns: 1, height: 300, legendEntries: study.arms.length },
  );
}

function curves(study: StudyRecords, measure: Measure, panel: number): Data[] {
  return study.arms.flatMap((arm, position) => armCurves(study, arm, position, measure, panel));
}

function armCurves(study: StudyRecords, arm: Arm, position: number, measure: Measure, panel: number): Data[] {
  const runs = runsOf(study, arm);
  const { colour, dash } = armStyle(position);
  const title = plotlyText(arm.title);
  const common = { type: 'scatter', mode: 'lines', legendgroup: arm.name, ...axesOf(panel) } as const;
  // Only runs that went on are averaged: a diverged one would bend the mean where it stops.
  const finished = runs.filter((run) => run.summary.status === 'finished');
  const hasBand = finished.length >= SEEDS_FOR_INTERVAL;
  const single = runs
    .filter((run) => !hasBand || !finished.includes(run))
    .map((run): Data => ({
      ...common,
      x: run.epochs.map((epoch) => epoch.epoch),
      y: run.epochs.map((epoch) => rounded(measure(epoch))),
      line: { color: faded(colour, 0.5), width: 1 },
      showlegend: false,
      hoverinfo: 'skip',
    }));
  const epochs = finished.reduce<readonly EpochRecord[]>(
    (most, run) => (run.epochs.length > most.length ? run.epochs : most),
    [],
  );
  if (epochs.length === 0) return single;
  const average: Data = {
    ...common,
    name: title,
    x: epochs.map((epoch) => epoch.epoch),
    y: epochs.map((_, at) =>
      rounded(meanOrNull(finished.map((run) => run.epochs[at] && measure(run.epochs[at])))),
    ),
    line: { color: colour, width: 2.5, dash },
    showlegend: panel === 0,
    hovertemplate: `${title}, epoch %{x}: %{y:.3g}<extra></extra>`,
    ...(epochs.length === 1 ? { mode: 'markers' } : {}),
  };
  if (!hasBand) return [...single, average];
  return [...single, ...band(epochs, finished, measure, { ...common, colour }), average];
}

/** The mean plus and minus a standard deviation over the runs, filled. */
function band(
  epochs: readonly EpochRecord[],
  runs: readonly RunRecord[],
  measure: Measure,
  { colour, ...common }: { readonly colour: string; readonly xaxis: string; readonly yaxis: string },
): Data[] {
  const values = epochs.map((_, at) =>
    runs
      .map((run) => run.epochs[at] && measure(run.epochs[at]))
      .filter((value): value is number => value !== undefined && Number.isFinite(value)),
  );
  const edge = (sign: 1 | -1) =>
    values.map((own) => (own.length < 2 ? null : rounded(mean(own) + sign * standardDeviation(own))));
  const x = epochs.map((epoch) => epoch.epoch);
  const shared = { ...common, x, mode: 'lines', showlegend: false, hoverinfo: 'skip' } as const;
  return [
    { ...shared, y: edge(-1), line: { width: 0, color: colour } },
    {
      ...shared,
      y: edge(1),
      line: { width: 0, color: colour },
      fill: 'tonexty',
      fillcolor: faded(colour, 0.2),
    },
  ];
}

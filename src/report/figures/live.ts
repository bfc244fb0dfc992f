import type { Data } from 'plotly.js-dist-min';

import type { EpochRecord } from '../../experiments/index.ts';
import { axesOf, panelFigure, type Axis } from './panels.ts';
import { rounded } from './rounding.ts';
import { armStyle, plotlyText, type Figure } from './theme.ts';

/** One measure of a training, epoch by epoch. */
interface Series {
  readonly name: string;
  readonly panel: number;
  readonly value: (epoch: EpochRecord) => number | undefined;
}

/** Every measure that the records have: parts of the loss, accuracies in %, the gradient norm at the logits. */
function seriesOf(epochs: readonly EpochRecord[]): Series[] {
  const all = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch.train.losses)))];
  // The total of one part is that part.
  const losses = all.length === 2 ? all.filter((name) => name !== 'total') : all;
  return [
    ...losses.map((name): Series => ({ name, panel: 0, value: (epoch) => epoch.train.losses[name] })),
    { name: 'training accuracy', panel: 1, value: (epoch) => 100 * epoch.train.accuracy },
    {
      name: 'validation accuracy',
      panel: 1,
      value: ({ validation }) => validation && 100 * validation.accuracy,
    },
    { name: 'gradient norm', panel: 2, value: (epoch) => epoch.train.gradientNormLogits },
  ];
}

/** One training while it goes on: the parts of its loss, its accuracy, and how far it is saturated. */
export function liveCurves(epochs: readonly EpochRecord[], total: number): Figure {
  const all = seriesOf(epochs);
  const data = all.flatMap(({ name, panel, value }, at): Data[] => {
    const y = epochs.map((epoch) => rounded(value(epoch)));
    if (y.every((point) => point === null)) return [];
    // No two in the legend that the panels share look alike; the one without an entry begins anew.
    const { colour, dash, symbol } = armStyle(panel < 2 ? at : 0);
    return [
      {
        ...{ type: 'scatter', mode: 'lines+markers', name: plotlyText(shortName(name)) },
        ...{ x: epochs.map(({ epoch }) => epoch), y, ...axesOf(panel) },
        line: { color: colour, width: 2, dash },
        marker: { color: colour, size: 5, symbol },
        // Alone in its panel, whose title names it.
        showlegend: panel < 2,
        hovertemplate: `${plotlyText(name)}, epoch %{x}: %{y:.3g}<extra></extra>`,
      },
    ];
  });
  const x: Axis = { title: 'epoch', range: [0.5, total + 0.5] };
  return panelFigure(
    data,
    [
      { title: 'Loss', x, y: { title: 'mean over the epoch', rangemode: 'tozero' } },
      { title: 'Accuracy', x, y: { title: 'accuracy (%)' } },
      {
        // At the logits, as the axis says: a longer title would not fit above its panel.
        title: 'Gradient norm',
        x,
        y: { title: 'mean ‖softmax − one-hot‖', rangemode: 'tozero' },
      },
    ],
    `Loss, accuracy and gradient norm at the logits, means over an epoch’s training batches, after ${epochs.length} of ${total} epochs.`,
    { columns: 3, height: 240 },
  );
}

/** `msl/stage1/withinClass` as `stage1 within`, so that the legend of three stages stays small. */
function shortName(name: string): string {
  if (name === 'crossEntropy') return 'cross-entropy';
  return name.replace(/^msl\/(.+)\/(within|between)Class$/, '$1 $2');
}

/** Bars of a text chart, from the lowest value to the highest. */
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Columns of a text chart. */
const WIDTH = 40;

/** {@link liveCurves} for a terminal: a line a measure, its first and last value beside it. */
export function liveText(epochs: readonly EpochRecord[], total: number): string {
  const rows = seriesOf(epochs).flatMap(({ name, panel, value }) => {
    const values = epochs.map(value).filter((point) => point !== undefined);
    if (values.length === 0) return [];
    const unit = panel === 1 ? ' %' : '';
    return [[name, bars(values), `${short(values[0]!)} → ${short(values.at(-1)!)}${unit}`] as const];
  });
  const names = Math.max(0, ...rows.map(([name]) => name.length));
  const width = Math.max(0, ...rows.map(([, chart]) => chart.length));
  return [
    `epoch ${epochs.at(-1)?.epoch ?? 0} of ${total}`,
    ...rows.map(([name, chart, ends]) => `${name.padEnd(names)}  ${chart.padEnd(width)}  ${ends}`),
  ].join('\n');
}

function bars(values: readonly number[]): string {
  const shown = Math.min(WIDTH, values.length);
  const picked = Array.from(
    { length: shown },
    (_, i) => values[Math.ceil(((i + 1) * values.length) / shown) - 1]!,
  );
  const finite = picked.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return picked
    .map((value) => {
      if (!Number.isFinite(value)) return '×';
      const share = high > low ? (value - low) / (high - low) : 0;
      return BARS[Math.round(share * (BARS.length - 1))]!;
    })
    .join('');
}

/** Three digits, without an exponent where that is short. */
function short(value: number): string {
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1000
    ? String(Number(value.toPrecision(3)))
    : value.toExponential(1);
}

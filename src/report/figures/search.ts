import type { Data } from 'plotly.js-dist-min';

import type { TunedArm, TuningRecord } from '../../experiments/index.ts';
import { logAxis } from './axes.ts';
import { axesOf, panelFigure, type Panel } from './panels.ts';
import { rounded } from './rounding.ts';
import { ARM_COLOURS, armStyle, faded, LINE, PALE, plotlyText, type Figure } from './theme.ts';

/** Searched in every arm. */
const RATE = 'optimizer.learningRate';
/** Arms that have a colour beside the others' grey: the baseline and the study's question. */
const COLOURED = 2;

interface Row extends TunedArm {
  readonly title: string;
}

/**
 * A search of hyper-parameters, by accuracy on validation images. Left a row an arm, a dot a trial: the circle is what the arm is
 * written with, the diamond what the search took. Right the trials by their learning rate, a line an arm, the first two in colour.
 *
 * @param titles of the arms by their names, in the order of the rows; arms without one are left out
 */
export function searchFigure(record: TuningRecord, titles: Readonly<Record<string, string>>): Figure {
  const rows = Object.entries(titles).flatMap(([name, title]): Row[] => {
    const arm = record.arms[name];
    return arm === undefined ? [] : [{ title, ...arm }];
  });
  const rates = rows.flatMap(({ trials }) => trials.flatMap(rateOf));
  const panels: Panel[] = [
    {
      title: 'Trials of the search',
      x: { title: 'validation accuracy (%)' },
      y: {
        title: '',
        tickvals: rows.map((_, row) => row),
        ticktext: rows.map(({ title }) => plotlyText(title)),
        range: [rows.length - 0.5, -0.5],
      },
    },
    {
      title: 'By learning rate',
      x: { title: 'learning rate', ...logAxis(rates) },
      y: { title: 'validation accuracy (%)' },
    },
  ];
  return panelFigure(
    [...dots(rows), ...(rates.length === 0 ? [] : lines(rows))],
    rates.length === 0 ? panels.slice(0, 1) : panels,
    `Validation accuracy of ${record.search.trials} trials for each of ${rows.length} arms; the one taken is marked.`,
    { columns: 2, height: Math.max(220, 34 * rows.length), gap: 0.13 },
  );
}

function rateOf({ values }: TunedArm['trials'][number]): number[] {
  const rate = values[RATE];
  return typeof rate === 'number' ? [rate] : [];
}

function dots(rows: readonly Row[]): Data[] {
  const points = rows.flatMap(({ title, trials, best }, row) =>
    trials.flatMap(({ trial, accuracy, values }) => {
      if (accuracy === null) return [];
      const kind = trial === best.trial ? 'best' : trial === 1 ? 'written' : 'trial';
      const set = Object.entries(values).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
      return [{ row, kind, x: rounded(100 * accuracy), text: plotlyText([title, ...set].join(', ')) }];
    }),
  );
  const markers = (kind: string, name: string, marker: object): Data => {
    const own = points.filter((point) => point.kind === kind);
    return {
      type: 'scatter',
      mode: 'markers',
      name,
      x: own.map(({ x }) => x),
      y: own.map(({ row }) => row),
      text: own.map(({ text }) => text),
      marker,
      hovertemplate: '%{text}: %{x:.2f} %<extra></extra>',
      ...axesOf(0),
    };
  };
  return [
    markers('trial', 'trial', { color: faded(LINE, 0.5), size: 8 }),
    markers('written', 'as written', {
      ...{ color: ARM_COLOURS[0], size: 10, symbol: 'circle-open' },
      line: { width: 2, color: ARM_COLOURS[0] },
    }),
    markers('best', 'taken', { color: ARM_COLOURS[1], size: 11, symbol: 'diamond' }),
  ];
}

/** The coloured ones last, on top. */
function lines(rows: readonly Row[]): Data[] {
  const drawn = rows.map(({ title, trials }, row): Data => {
    const points = trials
      .flatMap((trial) => rateOf(trial).map((rate) => ({ rate, accuracy: trial.accuracy })))
      .sort((a, b) => a.rate - b.rate);
    const { colour, dash } = row < COLOURED ? armStyle(row) : { colour: PALE, dash: 'solid' as const };
    return {
      type: 'scatter',
      mode: 'lines+markers',
      name: plotlyText(title),
      x: points.map(({ rate }) => rate),
      y: points.map(({ accuracy }) => rounded(accuracy === null ? null : 100 * accuracy)),
      line: { color: colour, dash, width: row < COLOURED ? 2.5 : 1 },
      marker: { color: colour, size: row < COLOURED ? 7 : 4 },
      showlegend: row < COLOURED,
      hovertemplate: `${plotlyText(title)}, rate %{x}: %{y:.2f} %<extra></extra>`,
      ...axesOf(1),
    };
  });
  return [...drawn.slice(COLOURED), ...drawn.slice(0, COLOURED)];
}

import type { Data } from 'plotly.js-dist-min';

import type { TuningRecord } from '../../experiments/index.ts';
import { axesOf, panelFigure } from './panels.ts';
import { ARM_COLOURS, faded, LINE, plotlyText, rounded, type Figure } from './theme.ts';

/**
 * A search of hyper-parameters: a row an arm, a dot a trial, by its accuracy on validation images. The circle is what the arm is
 * written with, the diamond what the search took.
 *
 * @param titles of the arms by their names, in the order of the rows; arms without one are left out
 */
export function searchFigure(record: TuningRecord, titles: Readonly<Record<string, string>>): Figure {
  const rows = Object.entries(titles).flatMap(([name, title]) => {
    const arm = record.arms[name];
    return arm === undefined ? [] : [{ title, arm }];
  });
  const points = rows.flatMap(({ title, arm: { trials, best } }, row) =>
    trials.flatMap(({ trial, accuracy, values }) => {
      if (accuracy === null) return [];
      const kind = trial === best.trial ? 'best' : trial === 1 ? 'written' : 'trial';
      const set = Object.entries(values).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
      return [
        { row, kind, x: rounded(100 * accuracy), text: plotlyText([title, ...set].join(', ')) } as const,
      ];
    }),
  );
  const markers = (kind: (typeof points)[number]['kind'], name: string, marker: object): Data => {
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
  return panelFigure(
    [
      markers('trial', 'trial', { color: faded(LINE, 0.5), size: 8 }),
      markers('written', 'as written', {
        ...{ color: ARM_COLOURS[0], size: 10, symbol: 'circle-open' },
        line: { width: 2, color: ARM_COLOURS[0] },
      }),
      markers('best', 'taken', { color: ARM_COLOURS[1], size: 11, symbol: 'diamond' }),
    ],
    [
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
    ],
    `Validation accuracy of ${record.search.trials} trials for each of ${rows.length} arms; the one taken is marked.`,
    { columns: 1, height: Math.max(90, 34 * rows.length), legendEntries: 3 },
  );
}

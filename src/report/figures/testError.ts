import type { Data } from 'plotly.js-dist-min';

import { outcome } from '../comparisons/compare.ts';
import { seedsOf, type StudyRecords } from '../study/study.ts';
import { axesOf, panelFigure } from './panels.ts';
import { inPercent } from './rounding.ts';
import { armStyle, PALE, PAPER, plotlyText, type Figure } from './theme.ts';

/** Test error of each arm at each seed: the arms of a seed are joined by a line, so that pairs can be seen. */
export function testErrorBySeed(study: StudyRecords): Figure {
  const seeds = seedsOf(study);
  const errors = study.arms.map((arm) =>
    seeds.map((seed) => {
      const at = outcome(study, arm, seed);
      return at.kind === 'finished' ? inPercent(at.error) : null;
    }),
  );
  const joins = seeds.map((_, row): Data => {
    const values = errors.map((column) => column[row] ?? null).filter((value) => value !== null);
    return {
      type: 'scatter',
      mode: 'lines',
      x: values,
      y: values.map(() => row),
      line: { color: PALE, width: 3 },
      showlegend: false,
      hoverinfo: 'skip',
      ...axesOf(0),
    };
  });
  const dots = study.arms.map((arm, position): Data => {
    const { colour, symbol } = armStyle(position);
    const title = plotlyText(arm.title);
    return {
      type: 'scatter',
      mode: 'markers',
      name: title,
      x: errors[position]!,
      y: seeds.map((_, row) => row),
      text: seeds.map((seed) => `seed ${seed}`),
      // Smaller from arm to arm, so that equal errors are seen to be two.
      marker: {
        color: colour,
        size: Math.max(8, 15 - 3 * position),
        symbol,
        line: { color: PAPER, width: 1 },
      },
      hovertemplate: `${title}, %{text}: %{x:.2f} %<extra></extra>`,
      ...axesOf(0),
    };
  });
  return panelFigure(
    [...joins, ...dots],
    [
      {
        title: 'Test error by seed',
        x: { title: 'test error (%)' },
        y: {
          title: '',
          tickvals: seeds.map((_, row) => row),
          ticktext: seeds.map((seed) => `seed ${seed}`),
          // The first seed on top, as in the table.
          range: [seeds.length - 0.5, -0.5],
        },
      },
    ],
    'Test error of each arm at each seed, the arms of a seed joined by a line.',
    { columns: 1, height: Math.max(120, 46 * seeds.length) },
  );
}

import type { Data } from 'plotly.js-dist-min';

import { classCounts, type Dataset } from '../../data/index.ts';
import { axesOf, panelFigure } from './panels.ts';
import { armStyle, plotlyText, type Figure } from './theme.ts';

/** How many training and test images each class has. */
export function classCountsFigure({ name, train, test }: Pick<Dataset, 'name' | 'train' | 'test'>): Figure {
  const bars = [train, test].map((set, at): Data => {
    const title = at === 0 ? 'training' : 'test';
    return {
      type: 'bar',
      name: title,
      x: set.classes.map(plotlyText),
      y: [...classCounts(set)],
      marker: { color: armStyle(at).colour },
      hovertemplate: `%{x}, ${title}: %{y}<extra></extra>`,
      ...axesOf(0),
    };
  });
  return panelFigure(
    bars,
    [
      {
        title: 'Images of each class',
        x: { title: 'class', type: 'category', showgrid: false },
        y: { title: 'images' },
      },
    ],
    `How many training and test images each of the ${train.classes.length} classes of ${name} has.`,
    { columns: 1, height: 220 },
  );
}

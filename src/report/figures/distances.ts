import type { Data } from 'plotly.js-dist-min';

import type { PairDistances } from '../../measures/index.ts';
import { axesOf, panelFigure } from './panels.ts';
import { rounded } from './rounding.ts';
import { ARM_COLOURS, faded, type Figure } from './theme.ts';

/**
 * Distances of pairs of the same and of different classes: a panel each tap, the share of each kind of pair in each bin. P in its
 * title is the probability that a pair of different classes is farther apart than one of the same.
 */
export function distanceHistograms(taps: Readonly<Record<string, PairDistances>>): Figure {
  const entries = Object.entries(taps);
  const data = entries.flatMap(([, distances], panel) =>
    (['same', 'different'] as const).flatMap((kind, i): Data[] => {
      const distribution = distances[kind];
      if (distribution === undefined) return [];
      const [edge, next] = [distances.edges[0] ?? 0, distances.edges[1] ?? 1];
      return [
        {
          type: 'bar',
          name: `${kind} class`,
          legendgroup: kind,
          showlegend: panel === 0,
          x: distribution.histogram.map((_, bin) =>
            rounded((distances.edges[bin]! + distances.edges[bin + 1]!) / 2),
          ),
          y: distribution.histogram.map((count) => rounded((100 * count) / distribution.pairs)),
          width: rounded(next - edge) ?? 1,
          marker: { color: faded(ARM_COLOURS[i]!, 0.6), line: { width: 0 } },
          hovertemplate: `${kind} class, distance %{x:.2f}: %{y:.1f} % of pairs<extra></extra>`,
          ...axesOf(panel),
        },
      ];
    }),
  );
  const figure = panelFigure(
    data,
    entries.map(([tap, { separation }]) => ({
      title: `${tap}: P = ${separation.toFixed(2)}`,
      x: { title: 'Euclidean distance of two images’ features' },
      y: { title: 'pairs of the kind (%)', rangemode: 'tozero' as const },
    })),
    `Histograms of the distances of pairs of the same and of different classes at ${entries.map(([tap]) => tap).join(', ')}; ` +
      'P: the probability that a pair of different classes is farther apart than one of the same.',
    { columns: 2, height: 200 },
  );
  const over = { barmode: 'overlay', bargap: 0 } as const;
  return {
    ...figure,
    layout: { ...figure.layout, ...over },
    narrowLayout: { ...figure.narrowLayout, ...over },
  };
}

import type { Data } from 'plotly.js-dist-min';

import type { TapMeasures } from '../../experiments/records.ts';
import { finishedRunsOf, meanOrNull, tapsOf, type StudyRecords } from '../study/study.ts';
import { axesOf, panelFigure, type Axis } from './panels.ts';
import { rounded } from './rounding.ts';
import { armStyle, faded, plotlyText, type Figure } from './theme.ts';

/**
 * Nearest-neighbour accuracy and between/within ratio of the features at each tap, from the first stage to the last: a
 * large marker for an arm's mean over its finished runs, a small one for each run.
 */
export function separabilityByStage(study: StudyRecords): Figure {
  const taps = tapsOf(study);
  // A category axis would sort and merge names; positions are plain numbers with names as tick labels.
  const x: Axis = {
    title: 'tap',
    tickvals: taps.map((_, at) => at),
    ticktext: taps.map(plotlyText),
    range: [-0.4, taps.length - 0.6],
  };
  return panelFigure(
    [
      ...traces(study, taps, 0, (measures) => measures.knnAccuracy * 100),
      ...traces(study, taps, 1, (measures) => measures.betweenWithinRatio),
    ],
    [
      { title: '5-NN accuracy', x, y: { title: 'accuracy (%)' } },
      { title: 'Between/within ratio', x, y: { title: 'ratio', rangemode: 'tozero' } },
    ],
    '5-NN accuracy and between/within ratio at each tap, for each arm.',
    { columns: 2, height: 260 },
  );
}

function traces(
  study: StudyRecords,
  taps: readonly string[],
  panel: number,
  measure: (measures: TapMeasures) => number | null,
): Data[] {
  return study.arms.flatMap((arm, position): Data[] => {
    const { colour, dash, symbol } = armStyle(position);
    const runs = finishedRunsOf(study, arm);
    const value = (at: number): (number | null)[] =>
      runs.map((run) => {
        const measures = run.summary.taps[taps[at]!];
        return measures === undefined ? null : rounded(measure(measures));
      });
    const shift = shiftOf(position, study.arms.length);
    const places = taps.map((_, at) => Number((at + shift).toFixed(3)));
    const title = plotlyText(arm.title);
    const common = { type: 'scatter', legendgroup: arm.name, ...axesOf(panel) } as const;
    return [
      {
        ...common,
        mode: 'markers',
        x: places.flatMap((place) => runs.map(() => place)),
        y: taps.flatMap((_, at) => value(at)),
        marker: { color: faded(colour, 0.5), size: 6, symbol },
        showlegend: false,
        hoverinfo: 'skip',
      },
      {
        ...common,
        mode: 'lines+markers',
        name: title,
        x: places,
        y: taps.map((_, at) => rounded(meanOrNull(value(at)))),
        text: taps.map((tap) => plotlyText(tap)),
        line: { color: colour, width: 2, dash },
        marker: { color: colour, size: 10, symbol },
        showlegend: panel === 0,
        hovertemplate: `${title}, %{text}: %{y:.3g}<extra></extra>`,
      },
    ];
  });
}

/** Arms stand beside each other, not on each other, and many of them still nearer to their own tap than to the next. */
function shiftOf(position: number, arms: number): number {
  return (position - (arms - 1) / 2) * Math.min(0.12, 0.7 / arms);
}

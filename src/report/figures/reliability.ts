import type { Data } from 'plotly.js-dist-min';

import type { Calibration } from '../../measures/index.ts';
import { percentage, whole } from '../format.ts';
import { axesOf, panelFigure, type Axis } from './panels.ts';
import { rounded } from './rounding.ts';
import { ARM_COLOURS, faded, INK, type Figure } from './theme.ts';

/**
 * The reliability diagram: of the images of each bin of confidence the share that is right, beside the diagonal, on which a calibrated
 * network lies; and how many images there are in each bin.
 */
export function reliabilityDiagram({
  bins,
  expectedError,
}: Pick<Calibration, 'bins' | 'expectedError'>): Figure {
  const filled = bins.filter(({ n }) => n > 0);
  const all = filled.reduce((sum, { n }) => sum + n, 0);
  const bars = {
    type: 'bar',
    x: filled.map(({ above, upTo }) => rounded(50 * (above + upTo))),
    width: filled.map(({ above, upTo }) => rounded(100 * (upTo - above))!),
    showlegend: false,
  } as const;
  const marker = (at: number) => ({ color: faded(ARM_COLOURS[at]!, 0.6), line: { width: 0 } });
  const texts = filled.map(
    ({ n, confidence, accuracy }) =>
      `${whole(n)} of confidence ${percentage(confidence)} %: ${percentage(accuracy)} % right`,
  );
  const data: Data[] = [
    {
      ...bars,
      y: filled.map(({ accuracy }) => rounded(100 * accuracy)),
      marker: marker(0),
      text: texts,
      textposition: 'none',
      hovertemplate: '%{text}<extra></extra>',
      ...axesOf(0),
    },
    {
      type: 'scatter',
      mode: 'lines',
      name: 'as right as sure',
      x: [0, 100],
      y: [0, 100],
      line: { color: INK, width: 1, dash: 'dot' },
      hoverinfo: 'skip',
      ...axesOf(0),
    },
    {
      ...bars,
      y: filled.map(({ n }) => rounded((100 * n) / all)),
      marker: marker(1),
      text: texts,
      textposition: 'none',
      hovertemplate: '%{y:.1f} %: %{text}<extra></extra>',
      ...axesOf(1),
    },
  ];
  const x: Axis = { title: 'confidence (%)', range: [0, 100] };
  return panelFigure(
    data,
    [
      {
        title: `Calibration error ${percentage(expectedError)} %`,
        x,
        y: { title: 'right (%)', range: [0, 100] },
      },
      { title: 'Confidence', x, y: { title: 'images (%)', rangemode: 'tozero' } },
    ],
    `Of images that the network is about equally sure of, the share that it is right about (expected calibration error ` +
      `${percentage(expectedError)} %), and how many of them there are: ${texts.join('; ')}.`,
    { columns: 2, height: 220 },
  );
}

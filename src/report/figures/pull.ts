import type { Data, Layout } from 'plotly.js-dist-min';

import { finishedRunsOf, meanOrNull, type Arm, type StudyRecords } from '../study/study.ts';
import { armCurves } from './armCurves.ts';
import { epochAxis } from './axes.ts';
import { axesOf, panelFigure, type Panel } from './panels.ts';
import { lossesBeside, lossTitle, ofProbes, probesOf } from './probes.ts';
import { rounded } from './rounding.ts';
import { DIVERGING, plotlyText, type Figure } from './theme.ts';

/** Pixels of the scale of colours, below the panels. */
const SCALE = 40;

/**
 * Where the losses beside cross-entropy pull the weights, by epoch: the cosine of their gradients and cross-entropy's, and a
 * map of their share of the gradient of each layer's weights (blue: against the whole). Means over an arm's finished runs.
 *
 * @returns `undefined` where no run was probed with such a loss
 */
export function pullOfLosses(study: StudyRecords): Figure | undefined {
  const losses = lossesBeside(study);
  if (losses.length === 0) return undefined;
  const maps = study.arms.flatMap((arm) => lossesBeside(study, arm.name).map((loss) => ({ arm, loss })));
  const x = epochAxis(study);
  const panels: Panel[] = [
    {
      title: 'Cosine with cross-entropy',
      x,
      y: { title: 'cosine', range: [-1.05, 1.05], zeroline: true },
    },
    ...maps.map(({ arm, loss }) => ({
      title: `${arm.title}: share of ${lossTitle(loss)} (%)`,
      x: { ...x, showgrid: false },
      y: { title: '', type: 'category' as const, autorange: 'reversed' as const, showgrid: false },
    })),
  ];
  const shares = maps.map(({ arm, loss }, i) => shareMap(study, arm, loss, i + 1));
  const data = [
    ...losses.flatMap((loss, place) =>
      armCurves(study, {
        panel: 0,
        measure: ofProbes(({ cosines }) => cosines[loss]),
        ...(losses.length === 1 ? {} : { part: { name: lossTitle(loss), place } }),
      }),
    ),
    ...shares,
  ];
  const figure = panelFigure(
    data,
    panels,
    'By epoch: the cosine between the gradient of each loss and that of cross-entropy, and its share of the gradient of each layer’s weights.',
    { columns: 2, gap: 0.17, height: 230 },
  );
  // A share beyond all of the gradient is as good as all of it.
  const largest = Math.min(
    100,
    Math.max(10, ...shares.flatMap(({ z }) => z.flat().map((v) => Math.abs(v ?? 0)))),
  );
  const withScale = (layout: Partial<Layout>, length: number): Partial<Layout> => ({
    ...layout,
    height: layout.height! + SCALE,
    margin: { ...layout.margin, b: layout.margin!.b! + SCALE },
    coloraxis: {
      ...{ colorscale: DIVERGING, cmin: -largest, cmax: largest },
      colorbar: {
        ...{ orientation: 'h', x: 1, xanchor: 'right', y: 0, yanchor: 'bottom', yref: 'container' },
        ...{ len: length, thickness: 12, outlinewidth: 0 },
      },
    },
  });
  return {
    ...figure,
    layout: withScale(figure.layout, 0.42),
    narrowLayout: withScale(figure.narrowLayout, 1),
  };
}

type ShareMap = Data & { readonly z: (number | null)[][] };

function shareMap(study: StudyRecords, arm: Arm, loss: string, panel: number): ShareMap {
  const runs = finishedRunsOf(study, arm);
  const layers = [
    ...new Set(probesOf({ ...study, runs }).flatMap((probe) => Object.keys(probe.updateShares))),
  ];
  const epochs = [
    ...new Set(runs.flatMap((run) => run.epochs.flatMap(({ epoch, probes }) => (probes ? [epoch] : [])))),
  ].sort((a, b) => a - b);
  const share = (layer: string, epoch: number): number | null => {
    const probes = runs.map((run) => run.epochs.find((record) => record.epoch === epoch)?.probes);
    const mean = meanOrNull(probes.map((probe) => probe?.updateShares[layer]?.[loss]));
    return mean === null ? null : rounded(100 * mean);
  };
  return {
    type: 'heatmap',
    x: epochs,
    y: layers.map(plotlyText),
    z: layers.map((layer) => epochs.map((epoch) => share(layer, epoch))),
    coloraxis: 'coloraxis',
    hovertemplate: `%{y}, epoch %{x}: %{z:.3g} %<extra>${plotlyText(arm.title)}</extra>`,
    ...axesOf(panel),
  };
}

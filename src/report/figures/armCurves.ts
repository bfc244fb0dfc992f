import type { Data } from 'plotly.js-dist-min';

import type { EpochRecord } from '../../experiments/records.ts';
import { mean, SEEDS_FOR_INTERVAL, standardDeviation } from '../../measures/index.ts';
import { meanOrNull, runsOf, type Arm, type RunRecord, type StudyRecords } from '../study/study.ts';
import { axesOf } from './panels.ts';
import { rounded } from './rounding.ts';
import { armStyle, faded, plotlyText } from './theme.ts';

/** A number of an epoch; `undefined` where the epoch has none. */
export type Measure = (epoch: EpochRecord) => number | undefined;

/** What is drawn of each arm. */
export interface ArmCurves {
  readonly measure: Measure;
  /** Place of the panel, from 0. */
  readonly panel: number;
  /**
   * What of the arm it is, behind the arm's name: drawn thinner, and without its runs, beside the arm's own line. `place` tells
   * the parts of an arm apart.
   */
  readonly part?: { readonly name: string; readonly place: number };
  /** Default: in the first panel. */
  readonly showlegend?: boolean;
}

const PART_DASHES = ['dot', 'longdashdot', 'longdash'] as const;

/**
 * A measure by epoch: a thick line for an arm's mean over its runs, a thin one for each run; from six runs on a band of a
 * standard deviation instead of them. Epochs without the measure are left out.
 */
export function armCurves(study: StudyRecords, curves: ArmCurves): Data[] {
  return study.arms.flatMap((arm, position) => curvesOf(study, arm, position, curves));
}

function curvesOf(study: StudyRecords, arm: Arm, position: number, curves: ArmCurves): Data[] {
  const { measure, panel, part, showlegend = panel === 0 } = curves;
  const runs = runsOf(study, arm).map((run) => ({ run, values: valuesOf(run, measure) }));
  const { colour, dash } = armStyle(position);
  const name = part === undefined ? arm.title : `${arm.title}: ${part.name}`;
  const common = {
    type: 'scatter',
    mode: 'lines',
    ...axesOf(panel),
    legendgroup: part === undefined ? arm.name : name,
  } as const;
  // Only runs that went on are averaged: a diverged one would bend the mean where it stops.
  const finished = runs.filter(({ run }) => run.summary.status === 'finished');
  const hasBand = finished.length >= SEEDS_FOR_INTERVAL;
  const single = runs
    .filter((one) => part === undefined && (!hasBand || !finished.includes(one)))
    .map(({ values }): Data => ({
      ...common,
      x: [...values.keys()],
      y: [...values.values()].map(rounded),
      line: { color: faded(colour, 0.5), width: 1 },
      showlegend: false,
      hoverinfo: 'skip',
    }));
  // Not every run has the measure in the same epochs: probes may be of others.
  const epochs = [...new Set(finished.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
  if (epochs.length === 0) return single;
  const byEpoch = epochs.map((epoch) => finished.map(({ values }) => values.get(epoch)));
  const average: Data = {
    ...common,
    name: plotlyText(name),
    x: epochs,
    y: byEpoch.map((values) => rounded(meanOrNull(values))),
    line: {
      color: colour,
      width: part === undefined ? 2.5 : 1.5,
      dash: part === undefined ? dash : PART_DASHES[part.place % PART_DASHES.length]!,
    },
    showlegend,
    hovertemplate: `${plotlyText(name)}, epoch %{x}: %{y:.3g}<extra></extra>`,
    ...(epochs.length === 1 ? { mode: 'markers' } : {}),
  };
  if (!hasBand) return [...single, average];
  return [...single, ...band(epochs, byEpoch, { ...common, colour }), average];
}

/** The values of a run by the epochs that have the measure. */
function valuesOf({ epochs }: RunRecord, measure: Measure): ReadonlyMap<number, number> {
  return new Map(
    epochs.flatMap((epoch) => {
      const value = measure(epoch);
      return value === undefined ? [] : [[epoch.epoch, value]];
    }),
  );
}

/** The mean plus and minus a standard deviation over the runs, filled. */
function band(
  epochs: number[],
  byEpoch: readonly (readonly (number | undefined)[])[],
  { colour, ...common }: { readonly colour: string; readonly xaxis: string; readonly yaxis: string },
): Data[] {
  const values = byEpoch.map((all) =>
    all.filter((value) => value !== undefined).filter((value) => Number.isFinite(value)),
  );
  const edge = (sign: 1 | -1) => values.map((own) => (own.length < 2 ? null : rounded(edgeOf(own, sign))));
  const shared = { ...common, x: epochs, mode: 'lines', showlegend: false, hoverinfo: 'skip' } as const;
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

/** Of values that are all above 0 the band ends at the lowest of them at the latest: a logarithmic axis has no place for 0. */
function edgeOf(values: readonly number[], sign: 1 | -1): number {
  const edge = mean(values) + sign * standardDeviation(values);
  const lowest = Math.min(...values);
  return edge <= 0 && lowest > 0 ? lowest : edge;
}

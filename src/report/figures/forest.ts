import type { Data } from 'plotly.js-dist-min';

import { testErrorComparisons, type MeasuredComparison } from '../comparisons/comparisonFamilies.ts';
import { points } from '../format.ts';
import type { StudyRecords } from '../study/study.ts';
import { axesOf, panelFigure } from './panels.ts';
import { inPercent, rounded } from './rounding.ts';
import { ARM_COLOURS, faded, INK, LINE, plotlyText, type Figure } from './theme.ts';

/**
 * Forest plot: the mean difference of every arm's test error to its baseline, a row each. From six seeds on with its 95 % t
 * interval; the small dots are the seeds. Left of zero the arm is better. A primary comparison is filled, one that explores is not.
 */
export function forestPlot(study: StudyRecords): Figure {
  return forestOf(testErrorComparisons(study));
}

interface ForestOptions {
  /** What one row and several are called; arms by default. */
  readonly rows?: readonly [string, string];
  /** What is compared, where all rows compare the same; else it is what the arms are. */
  readonly compared?: string;
}

/** The same of any comparisons, a row each, named by the titles of their arms. */
export function forestOf(
  comparisons: readonly MeasuredComparison[],
  { rows: [one, many] = ['arm', 'arms'], compared: what }: ForestOptions = {},
): Figure {
  const compared = comparisons.filter(({ difference }) => difference !== null);
  const hasInterval = compared.some(({ statistics }) => statistics !== undefined);
  const kinds = [...new Set(compared.map(({ primary }) => primary))].sort().reverse();
  const seeds: Data = {
    type: 'scatter',
    mode: 'markers',
    name: 'a seed',
    x: compared.flatMap(({ differences }) => differences.map(inPercent)),
    y: compared.flatMap(({ differences }, row) => differences.map(() => row)),
    marker: { color: faded(LINE, 0.5), size: 6 },
    customdata: compared.flatMap(({ differences }) => differences.map((difference) => points(difference))),
    hovertemplate: '%{customdata} points<extra></extra>',
    ...axesOf(0),
  };
  const names = compared.map(({ arm }) => arm.title);
  const [baseline, ...otherBaselines] = [...new Set(compared.map((comparison) => comparison.baseline.title))];
  const zero = baseline === undefined || otherBaselines.length > 0 ? 'the baseline' : baseline;
  const drawn = (ticktext: string[], xTitle: string): Figure =>
    panelFigure(
      [seeds, ...kinds.map((primary) => markers(compared, primary, what))],
      [
        {
          title: `Test error${what === undefined ? '' : ` of ${what}`} against ${zero}`,
          x: {
            title: xTitle,
            rangemode: 'tozero',
            zeroline: true,
            zerolinecolor: INK,
            zerolinewidth: 1.5,
          },
          y: {
            title: '',
            tickvals: compared.map((_, row) => row),
            ticktext,
            range: [compared.length - 0.5, -0.5],
          },
        },
      ],
      `Differences of test error${what === undefined ? '' : ` of ${what}`} to ${zero} for ${compared.length} ${compared.length === 1 ? one : many}, ` +
        `${hasInterval ? 'with 95 % intervals' : 'without intervals'}; left of zero ${what ?? 'the arm'} is better.`,
      { columns: 1, height: Math.max(90, 40 * compared.length) },
    );
  return {
    ...drawn(names.map(plotlyText), 'difference (percentage points)'),
    // Beside the names there is no room for more words.
    narrowLayout: drawn(names.map(inTwoLines), 'difference (points)').narrowLayout,
  };
}

/** Longer names are broken where they are to leave room for the data. */
const LONG = 14;

/** A long name with a line break at the space that is nearest to its middle. */
function inTwoLines(name: string): string {
  const spaces = [...name.matchAll(/ /g)].map(({ index }) => index);
  if (name.length <= LONG || spaces.length === 0) return plotlyText(name);
  const fromMiddle = (at: number) => Math.abs(at - name.length / 2);
  const at = spaces.reduce((best, space) => (fromMiddle(space) < fromMiddle(best) ? space : best));
  return `${plotlyText(name.slice(0, at))}<br>${plotlyText(name.slice(at + 1))}`;
}

function markers(compared: readonly MeasuredComparison[], primary: boolean, what: string | undefined): Data {
  const rows = compared.flatMap((one, row) => (one.primary === primary ? [{ one, row }] : []));
  const reach = (end: 'low' | 'high') =>
    rows.map(({ one: { statistics, difference } }) =>
      statistics === undefined ? null : rounded(100 * Math.abs(statistics.t[end] - difference!)),
    );
  const colour = ARM_COLOURS[primary ? 1 : 0];
  return {
    type: 'scatter',
    mode: 'markers',
    name: primary ? 'mean, primary' : 'mean, exploratory',
    x: rows.map(({ one }) => inPercent(one.difference!)),
    y: rows.map(({ row }) => row),
    error_x: {
      type: 'data',
      array: reach('high').map((value) => value ?? NaN),
      arrayminus: reach('low').map((value) => value ?? NaN),
      symmetric: false,
      color: colour,
      thickness: 2,
      width: 5,
    },
    marker: {
      color: colour,
      size: 11,
      symbol: primary ? 'diamond' : 'diamond-open',
      line: { width: 2, color: colour },
    },
    text: rows.map(({ one: { arm, baseline } }) =>
      plotlyText((what === undefined ? arm.title : `${arm.title}: ${what}`) + ` − ${baseline.title}`),
    ),
    customdata: rows.map(({ one }) => points(one.difference!)),
    hovertemplate: '%{text}: %{customdata} points<extra></extra>',
    ...axesOf(0),
  };
}

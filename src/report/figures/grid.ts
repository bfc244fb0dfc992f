import type { Data } from 'plotly.js-dist-min';

import { testErrorComparisons } from '../comparisons/comparisonFamilies.ts';
import { points } from '../format.ts';
import { armSettings } from '../study/settings.ts';
import { comparedArms, runsOf, type StudyRecords } from '../study/study.ts';
import { cellText } from './cellText.ts';
import { axesOf, panelFigure } from './panels.ts';
import { rounded } from './rounding.ts';
import { DIVERGING, plotlyText, type Figure } from './theme.ts';

/** The arms of a study as a grid of two settings. */
export interface AblationGrid {
  /** Paths of the settings, e.g. `loss.msl.weight`. */
  readonly x: string;
  readonly y: string;
  readonly xValues: readonly string[];
  readonly yValues: readonly string[];
  /** `[y][x]` mean difference of the test error to the baseline, 0 to 1; `null` where no arm has the two values. */
  readonly differences: readonly (readonly (number | null)[])[];
}

/** The grid that the compared arms with runs form: those that differ in exactly two settings, four of them or more. */
export function ablationGrid(study: StudyRecords): AblationGrid | undefined {
  const arms = comparedArms(study).filter((arm) => runsOf(study, arm).length > 0);
  const settings = armSettings({ ...study, arms }).filter(({ differs }) => differs);
  const [x, y] = settings;
  if (arms.length < 4 || settings.length !== 2 || x === undefined || y === undefined) return undefined;
  const [xValues, yValues] = [ordered(x.values), ordered(y.values)];
  const compared = testErrorComparisons(study);
  const differences = yValues.map((yValue) =>
    xValues.map((xValue) => {
      const at = arms.findIndex((_, i) => x.values[i] === xValue && y.values[i] === yValue);
      return compared.find(({ arm }) => arm.name === arms[at]?.name)?.difference ?? null;
    }),
  );
  return { x: x.path, y: y.path, xValues, yValues, differences };
}

/** A heat map of an {@link ablationGrid}: blue where the arm has the lower test error than the baseline, orange where the higher. */
export function gridHeatMap(grid: AblationGrid): Figure {
  const largest = Math.max(...grid.differences.flat().map((value) => Math.abs(value ?? 0)), 1e-4) * 100;
  const z = grid.differences.map((row) => row.map((value) => (value === null ? null : rounded(100 * value))));
  const texts = grid.differences.map((row) => row.map((value) => (value === null ? '' : points(value))));
  const map: Data = {
    type: 'heatmap',
    x: grid.xValues.map(plotlyText),
    y: grid.yValues.map(plotlyText),
    z,
    customdata: texts as never,
    ...cellText(z, { texts, scale: DIVERGING, zmin: -largest, zmax: largest }),
    colorscale: DIVERGING,
    zmin: -largest,
    zmax: largest,
    xgap: 2,
    ygap: 2,
    colorbar: { title: { text: 'points' }, thickness: 14, outlinewidth: 0 },
    hovertemplate: `${plotlyText(grid.x)} %{x}, ${plotlyText(grid.y)} %{y}: %{customdata} points<extra></extra>`,
    ...axesOf(0),
  };
  return panelFigure(
    [map],
    [
      {
        title: 'Test error against the baseline (percentage points)',
        x: { title: plotlyText(grid.x), type: 'category', showgrid: false },
        y: { title: plotlyText(grid.y), type: 'category', showgrid: false },
      },
    ],
    `A heat map of the difference of test error to the baseline over ${grid.x} and ${grid.y}; below zero is better.`,
    { columns: 1, height: Math.max(160, 46 * grid.yValues.length) },
  );
}

/** The values once each; numbers rising. */
function ordered(values: readonly string[]): string[] {
  const once = [...new Set(values)];
  return once.every((value) => Number.isFinite(Number(value)))
    ? once.sort((a, b) => Number(a) - Number(b))
    : once;
}

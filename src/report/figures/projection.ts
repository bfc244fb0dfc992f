import type { Data } from 'plotly.js-dist-min';

import type { ProjectionRecord } from '../../experiments/records.ts';
import { runsOf, seedsOf, type Arm, type StudyRecords } from '../study/study.ts';
import { axesOf, panelFigure } from './panels.ts';
import { coordinate } from './rounding.ts';
import { classStyle, plotlyText, type Figure } from './theme.ts';

/** The projections that {@link featureProjection} draws: of one seed, at which most arms have one. */
export function projectionsOf(
  study: StudyRecords,
): { readonly arm: Arm; readonly seed: number; readonly projection: ProjectionRecord }[] {
  const at = (seed: number): { arm: Arm; seed: number; projection: ProjectionRecord }[] =>
    study.arms.flatMap((arm) => {
      const projection = runsOf(study, arm).find((run) => run.seed === seed)?.projection;
      return projection === undefined ? [] : [{ arm, seed, projection }];
    });
  return seedsOf(study)
    .map(at)
    .reduce((most, candidates) => (candidates.length > most.length ? candidates : most), []);
}

/**
 * Test images in the plane of the two directions in which their features vary most, a panel an arm, a colour a
 * class. Each arm has directions of its own, so positions cannot be compared between panels, only how the classes lie.
 */
export function featureProjection(study: StudyRecords): Figure {
  const drawn = projectionsOf(study);
  const data = drawn.flatMap(({ projection }, panel) =>
    projection.classes.map((name, label): Data => {
      const members = projection.points.filter((_, at) => projection.labels[at] === label);
      return {
        type: 'scatter',
        mode: 'markers',
        name: plotlyText(name),
        legendgroup: String(label),
        showlegend: panel === 0,
        x: members.map(([x]) => coordinate(x)),
        y: members.map(([, y]) => coordinate(y)),
        marker: { ...classStyle(label), size: 4.5, opacity: 0.75 },
        hovertemplate: `${plotlyText(name)}<extra></extra>`,
        ...axesOf(panel),
      };
    }),
  );
  return panelFigure(
    data,
    drawn.map(({ arm, seed, projection }) => ({
      title: `${arm.title}, ${projection.tap}, seed ${seed}`,
      x: { title: axisTitle('1st', projection.explainedVariance[0]) },
      y: { title: axisTitle('2nd', projection.explainedVariance[1]) },
    })),
    'Test features in two dimensions, a panel for each arm and a colour for each class.',
    { columns: 2, height: 380, smallMarkers: true },
  );
}

function axisTitle(which: string, share: number): string {
  return `${which} principal axis (${Math.round(share * 100)} % of variance)`;
}

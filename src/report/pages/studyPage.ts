import { comparisons } from '../comparisons/compare.ts';
import { SATURATED_BELOW } from '../comparisons/saturation.ts';
import { tableHtml } from '../tables/html.ts';
import { escapeHtml } from '../escape.ts';
import { featureProjection, projectionsOf } from '../figures/projection.ts';
import {
  ablationGrid,
  forestPlot,
  gradientNormCurves,
  gridHeatMap,
  hasProbes,
  saturationCurves,
  tapGradientCurves,
  learningCurves,
  pullOfLosses,
  separabilityByStage,
  testErrorBySeed,
  type Figure,
} from '../figures/index.ts';
import { RECONSTRUCTION } from '../sentences/findings.ts';
import { listing } from '../format.ts';
import { figurePlace, htmlPage, type Page } from './page.ts';
import { armSettings, environmentSettings } from '../study/settings.ts';
import { commandOf, tapsOf, type StudyRecords } from '../study/study.ts';
import {
  costTable,
  MOST_ARMS,
  comparisonTable,
  otherMeasuresTable,
  otherMethodsTable,
  provenanceTable,
  resultsTable,
  separabilityTable,
  testErrorTable,
  type Table,
} from '../tables/index.ts';
import { distinctArms, told } from '../sentences/told.ts';

/** The report of a study as one HTML file; see {@link htmlPage}. */
export async function htmlReport(study: StudyRecords): Promise<string> {
  return await htmlPage(studyPage(study));
}

/** Figures of a section that is added to a study's page, by the ids of their places. */
export interface PageSection {
  readonly heading: string;
  readonly figures: Readonly<Record<string, { readonly figure: Figure; readonly caption: string }>>;
}

/** The page of a study, with what is added to it before the part on how it was made. */
export function studyPage(study: StudyRecords, more: readonly PageSection[] = []): Page {
  const { measured, result, saturation, separability } = told(study);
  const added = more.flatMap((section) => Object.entries(section.figures));
  const figures = {
    ...pageFigures(study),
    ...Object.fromEntries(added.map(([id, { figure }]) => [id, figure])),
  };

  const place = (name: string, caption: string): string => {
    const figure = figures[name];
    if (figure === undefined) return '';
    return figurePlace(name, figure, caption);
  };
  const percent = 100 * SATURATED_BELOW;
  const body = [
    '<header>',
    `<p class="kicker">Study ${escapeHtml(study.name)}, profile ${escapeHtml(study.profile)}</p>`,
    `<h1>${escapeHtml(study.title)}</h1>`,
    `<p class="question">${escapeHtml(study.question)}</p>`,
    paragraph(measured),
    paragraph(result),
    `<p class="caveat">${escapeHtml(RECONSTRUCTION)}</p>`,
    '<noscript><p class="caveat">The figures need JavaScript; the tables do not.</p></noscript>',
    '</header>',
    '<h2>Test error</h2>',
    tableSection(testErrorTable(study)),
    place(
      'test-error',
      `Each row is a seed and each marker an arm: the further left, the fewer test images it got wrong.${omission(study)}`,
    ),
    ...comparedSection(study),
    place(
      'forest',
      'A diamond is the mean of the differences at equal seeds, its bar the 95 % t interval (from six seeds on), a dot a seed; left of zero ' +
        'the arm is better.',
    ),
    place('grid', 'Mean difference of the test error to the baseline: below zero the arm is better.'),
    '<h2>Results of each arm</h2>',
    tableSection(resultsTable(study)),
    '<h2>Saturation: does training stop learning?</h2>',
    paragraph(saturation),
    place(
      'gradient-norm',
      `Of each epoch’s training batches. ${LINES}; where a line falls below ${percent} % of its start, cross-entropy has next to nothing left to teach.`,
    ),
    place(
      'probes',
      'Measured on some steps of each epoch, before their updates. From a sample below a threshold cross-entropy has next to ' +
        'nothing left to learn.',
    ),
    place(
      'tap-gradients',
      'In the same steps, on one scale: the gradient that reaches each tap, of all losses together and of each with all of its taps.',
    ),
    place(
      'pull',
      'At a cosine of 1 a loss pulls the weights the way cross-entropy does, at 0 another way, below 0 against it. A share ' +
        'is the part of a layer’s whole gradient that a loss gives, along it; weight decay and momentum are not in it.',
    ),
    tableSection(otherMeasuresTable(study)),
    place(
      'learning-curves',
      `${LINES}; training curves are averages over each epoch’s batches, taken while the network still changed.`,
    ),
    '<h2>Separability: how far apart do the classes lie at each stage?</h2>',
    paragraph(separability),
    tableSection(separabilityTable(study)),
    place(
      'separability',
      'Taps run from the first stage to the last; a large marker is an arm’s mean and a small one a run.',
    ),
    place(
      'projection',
      'Each dot is a test image: compare how tightly and how separately the colours lie, not where, since each arm has its own axes.',
    ),
    ...more.flatMap(({ heading, figures: own }) => [
      `<h2>${escapeHtml(heading)}</h2>`,
      ...Object.entries(own).map(([id, { caption }]) => place(id, caption)),
    ]),
    '<h2>How it was made</h2>',
    '<h3>To make it again</h3>',
    `<pre><code>${escapeHtml(commandOf(study))}</code></pre>`,
    '<h3>Cost</h3>',
    tableSection(costTable(study)),
    '<h3>Every run</h3>',
    tableSection(provenanceTable(study)),
    '<h3>Specification of each arm</h3>',
    '<p class="note">Settings in which the arms differ stand first, on a coloured ground.</p>',
    specificationTable(study),
    '<h3>Environment</h3>',
    environmentTable(study),
    '<footer>Generated from the records of the runs; no number was typed by hand. Drawn with plotly.js (MIT licence).</footer>',
  ];

  return { title: study.title, body, figures };
}

const LINES =
  'A thick line is an arm’s mean and a thin one a run; from six runs on a band of one standard deviation is drawn instead of them';

function omission(study: StudyRecords): string {
  const { arms } = distinctArms(study);
  return arms.length === study.arms.length
    ? ''
    : ` Of ${study.arms.length} arms this figure and those by epoch and by tap show ${listing(arms.map(({ title }) => title))}; the differences below show all.`;
}

/** The figures that there are data for, by the id of their place in the page. */
function pageFigures(all: StudyRecords): Record<string, Figure> {
  const study = distinctArms(all);
  const hasEpochs = study.runs.some((run) => run.epochs.length > 0);
  const grid = ablationGrid(all);
  const pull = pullOfLosses(study);
  const isCompared = comparisons(all).some(({ mean }) => mean !== null);
  return {
    'test-error': testErrorBySeed(study),
    ...(isCompared ? { forest: forestPlot(all) } : {}),
    ...(grid === undefined ? {} : { grid: gridHeatMap(grid) }),
    ...(hasEpochs
      ? { 'gradient-norm': gradientNormCurves(study), 'learning-curves': learningCurves(study) }
      : {}),
    ...(hasProbes(study)
      ? { probes: saturationCurves(study), 'tap-gradients': tapGradientCurves(study) }
      : {}),
    ...(pull === undefined ? {} : { pull }),
    ...(tapsOf(study).length > 0 ? { separability: separabilityByStage(study) } : {}),
    ...(projectionsOf(study).length > 0 ? { projection: featureProjection(study) } : {}),
  };
}

function paragraph(sentences: readonly string[]): string {
  // A number and its sign stay on one line.
  const text = escapeHtml(sentences.join(' ')).replaceAll(' %', '&nbsp;%');
  return text === '' ? '' : `<p>${text}</p>`;
}

function tableSection(table: Table): string {
  if (table.rows.length === 0) return '';
  return `<div class="scroll">${tableHtml(table)}</div><p class="note">${escapeHtml(table.note)}</p>`;
}

/** From six seeds on, intervals and tests. */
function comparedSection(study: StudyRecords): string[] {
  const methods = otherMethodsTable(study);
  if (methods.rows.length === 0 && study.arms.length <= MOST_ARMS) return [];
  return [
    '<h3>Compared with the baseline</h3>',
    tableSection(comparisonTable(study)),
    ...(methods.rows.length === 0
      ? []
      : [`<details><summary>By other methods</summary>${tableSection(methods)}</details>`]),
  ];
}

function specificationTable(study: StudyRecords): string {
  const head = ['setting', ...study.arms.map((arm) => arm.title)].map(
    (name) => `<th scope="col">${escapeHtml(name)}</th>`,
  );
  const rows = armSettings(study).map(
    ({ path, values, differs }) =>
      `<tr${differs ? ' class="differs"' : ''}><th scope="row">${escapeHtml(path)}</th>` +
      `${values.map((value) => `<td>${escapeHtml(value)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll"><table class="settings"><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function environmentTable(study: StudyRecords): string {
  const rows = environmentSettings(study).map(
    ({ path, value }) => `<tr><th scope="row">${escapeHtml(path)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<div class="scroll"><table class="settings"><tbody>${rows.join('')}</tbody></table></div>`;
}

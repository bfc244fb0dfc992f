/** The measures of a run's taps as tables. */
import type { MeasureName, NotDefined, RunReport } from '../../analysis/index.ts';
import { percentage, threeDigits, whole } from '../format.ts';
import type { Table } from './table.ts';

/** How each measure is called and shown. */
export const MEASURES: Readonly<Record<MeasureName, { readonly title: string; readonly share?: true }>> = {
  silhouette: { title: 'silhouette' },
  silhouetteCosine: { title: 'silhouette, cosine' },
  betweenWithinRatio: { title: 'between/within ratio' },
  bestDimension: { title: 'between/within, best feature' },
  daviesBouldin: { title: 'Davies-Bouldin (0 is best)' },
  calinskiHarabasz: { title: 'Calinski-Harabasz' },
  knnAccuracy: { title: '5-NN accuracy (%)', share: true },
  nearestCentroidAccuracy: { title: 'nearest-centroid accuracy (%)', share: true },
  linearProbeAccuracy: { title: 'linear-probe accuracy (%)', share: true },
  kMeansNmi: { title: 'k-means, NMI' },
  kMeansAri: { title: 'k-means, ARI' },
  separation: { title: 'P(different > same distance)' },
  effectiveRank: { title: 'effective rank' },
  nc1: { title: 'NC1, pseudo-inverse (0 is collapse)' },
  nc1Quotient: { title: 'NC1, quotient (0)' },
  nc2Equinorm: { title: 'NC2, equal norms (0)' },
  nc2Equiangular: { title: 'NC2, equal angles (0)' },
  nc2MaximalAngle: { title: 'NC2, largest angle (0)' },
  nc3SelfDuality: { title: 'NC3, self-duality (0)' },
  nc4Agreement: { title: 'NC4, nearest centre agrees (%)', share: true },
  cdnv: { title: 'CDNV (0)' },
};

/** In the order of the tables. */
export const MEASURE_ORDER = Object.keys(MEASURES) as MeasureName[];

/** A number that a table can show: `Infinity` by its sign, no number by none. */
export const measureCell = (value: number): number | string | null =>
  Number.isNaN(value) ? null : Number.isFinite(value) ? value : '∞';

/** A row a measure, a column a tap. */
export function measuresTable({ taps, n, split, reference, seed, notDefined }: RunReport): Table {
  const rows: { readonly title: string; readonly share?: true }[] = MEASURE_ORDER.map(
    (name) => MEASURES[name],
  );
  return {
    title: 'Measures of the taps',
    note:
      `Of ${whole(n)} ${split} images` +
      (reference === 0
        ? ''
        : `; neighbours, centroids and probe learned from ${whole(reference)} training images`) +
      `. One network, seed ${seed}: no claim. Each measure is defined in docs/measures.md.` +
      notDefined.map((missing) => ` ${sentence(missing)}`).join(''),
    rowHeader: 'measure',
    rows: ['features', ...rows.map(({ title }) => title)],
    columns: Object.entries(taps).map(([tap, { dim, measures }]) => ({
      name: tap,
      values: [dim, ...MEASURE_ORDER.map((name) => measureCell(measures[name]))],
      format: (value, row) =>
        row === 0 ? whole(value) : rows[row - 1]!.share ? percentage(value) : threeDigits(value),
    })),
  };
}

/** Which measures there are not, and what they need. */
function sentence({ measures, taps, needs }: NotDefined): string {
  const titles = measures.map((name) => (name === 'alignment' ? 'alignment of taps' : MEASURES[name].title));
  return `Not defined${taps === undefined ? '' : ` at ${taps.join(', ')}`}: ${titles.join('; ')}, for need of ${needs}.`;
}

/** A row a class, a column a tap: silhouette, and accuracy of the neighbours where it is known by class. */
export function classMeasuresTables({ taps, classes }: RunReport): Table[] {
  const table = (
    title: string,
    note: string,
    measure: 'silhouette' | 'knnAccuracy',
    format: (value: number) => string,
  ): Table => ({
    ...{ title, note, rowHeader: 'class', rows: classes },
    columns: Object.entries(taps).map(([name, { perClass }]) => {
      return { name, values: perClass[measure].map(measureCell), format };
    }),
  });
  return [
    table('Silhouette of the classes', 'Euclidean, of unit-norm features.', 'silhouette', threeDigits),
    table(
      '5-NN accuracy of the classes (%)',
      'Share of the images of a class whose 5 nearest training images vote for it.',
      'knnAccuracy',
      percentage,
    ),
  ].filter(({ columns }) => columns.some(({ values }) => values.some((value) => value !== null)));
}

/** A row a tap: its alignment with the taps of the same network, or of another one. */
export function alignmentTable(cka: RunReport['cka'], other?: string, debiased = false): Table {
  const rows = Object.keys(cka);
  return {
    title: other === undefined ? 'Alignment of the taps' : `Alignment with ${other}`,
    note: debiased
      ? 'Linear centred kernel alignment, debiased (0 on average of what has nothing in common), on the same images.'
      : 'Linear centred kernel alignment, 0 to 1, on the same images.',
    rowHeader: 'tap',
    rows,
    columns: Object.keys(cka[rows[0]!] ?? {}).map((name) => ({
      name,
      values: rows.map((row) => measureCell(cka[row]![name]!)),
      format: threeDigits,
    })),
  };
}

/** Quantiles of the distances of two samples of the same class, and of different classes. */
export function distancesTable({ taps }: RunReport): Table {
  const rows = Object.entries(taps).flatMap(([tap, { pairs }]) =>
    (['same', 'different'] as const).flatMap((kind) => {
      const of = pairs[kind];
      return of === undefined ? [] : [{ name: `${tap}, ${kind} class`, of, exact: pairs.exact }];
    }),
  );
  const { probabilities = [] } = Object.values(taps)[0]?.pairs ?? {};
  return {
    title: 'Distances of pairs',
    note:
      'Euclidean, of unit-norm features (2 at most). ' +
      (rows.every(({ exact }) => exact)
        ? 'All pairs.'
        : `${whole(rows[0]?.of.pairs ?? 0)} pairs of each kind, drawn.`),
    rowHeader: 'pairs',
    rows: rows.map(({ name }) => name),
    columns: [
      { name: 'mean', values: rows.map(({ of }) => of.mean), format: threeDigits },
      ...probabilities.map((p, i) => ({
        name: `${100 * p} %`,
        values: rows.map(({ of }) => of.quantiles[i]!),
        format: threeDigits,
      })),
    ],
  };
}

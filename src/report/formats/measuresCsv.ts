import type { RunReport } from '../../analysis/index.ts';
import { csv } from '../csv.ts';
import { MEASURE_ORDER } from '../tables/measures.ts';

/** Every number of a report, a line each: `run,seed,split,n,tap,class,measure,value`; no value where there is none. */
export function measuresCsv({ run, seed, split, n, taps, classes, cka, ckaWith }: RunReport): string {
  const rows: (string | number)[][] = [['run', 'seed', 'split', 'n', 'tap', 'class', 'measure', 'value']];
  const line = (tap: string, of: string, measure: string, value: number) => {
    rows.push([run, seed, split, n, tap, of, measure, Number.isNaN(value) ? '' : value]);
  };
  for (const [tap, { dim, measures, perClass, pairs }] of Object.entries(taps)) {
    line(tap, '', 'features', dim);
    for (const name of MEASURE_ORDER) line(tap, '', name, measures[name]);
    for (const [name, values] of Object.entries(perClass)) {
      classes.forEach((of, c) => {
        line(tap, of, name, values[c]!);
      });
    }
    for (const kind of ['same', 'different'] as const) {
      pairs.probabilities.forEach((p, i) => {
        line(tap, '', `distance/${kind}/${p}`, pairs[kind]?.quantiles[i] ?? NaN);
      });
    }
    for (const [other, value] of Object.entries(cka[tap]!)) line(tap, '', `cka/${other}`, value);
    for (const [other, value] of Object.entries(ckaWith?.cka[tap] ?? {}))
      line(tap, '', `ckaWith/${other}`, value);
  }
  return csv(rows);
}

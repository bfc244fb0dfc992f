import { Command } from '@commander-js/extra-typings';

import { measureRun, type RunReport } from '../../analysis/index.ts';
import { findRun } from '../../experiments/index.ts';
import {
  alignmentTable,
  classMeasuresTables,
  distancesTable,
  measuresCsv,
  measuresTable,
  tableText,
  wrapped,
} from '../../report/index.ts';
import { commaList } from '../commaList.ts';
import { count } from '../count.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder, shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';
import { writeOut } from '../writeOut.ts';

/** `msl measure RUN` */
export function measureCommand(): Command {
  return new Command('measure')
    .description("how separable a trained network's features are, tap by tap")
    .argument('<run>', RUN_ARGUMENT)
    .option('--taps <names>', 'only these, e.g. stage1,stage3 (default: all)', commaList)
    .option('--split <name>', 'images: train, validation or test', 'test')
    .option('--limit <n>', 'only so many images, of each class its share', count)
    .option('--with <run>', 'align the taps with those of another run, on the same images')
    .option('--debiased', 'align by the estimate without bias, for few images')
    .option('--out <file>', 'write every number to a CSV file')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl measure 0123abcd
  $ msl measure runs/train/cifar10-msl/seed-1-0123abcd --taps stage3,penultimate --limit 2000
  $ msl measure 0123abcd --with 4567cdef --out measures.csv

Features are kept in the run's folder; the next time they are there. A dash stands where there are too few images for a
measure; what would be enough is said below the table. What each measure is: docs/measures.md.`,
    )
    .action(async (name, { split, out, json, with: other, ...options }) => {
      // They stand in what is written.
      const [run, aligned] = [named(name), other === undefined ? undefined : named(other)];
      const report = await interruptible(async (signal) => {
        const display = showProgress();
        try {
          // Another name than the three is refused where it is used.
          const chosen = { split: split as 'test', with: aligned, ...options };
          return await measureRun(run, { ...chosen, progress: display.progress, signal });
        } finally {
          display.stop();
        }
      });
      if (out !== undefined) {
        await writeOut(out, measuresCsv(report));
        terminal.note(`Written: ${shortPath(out)}`);
      }
      terminal.print(json === true ? JSON.stringify(report, finite, 2) : await describe(report));
    }) as unknown as Command;
}

/** The folder of a run, as short as it can be said. */
const named = (run: string): string => shortPath(findRun(run, runsFolder()));

/** JSON has no infinity; what is no number is `null` anyway. */
function finite(_: string, value: unknown): unknown {
  return value === Infinity ? 'Infinity' : value;
}

async function describe(report: RunReport): Promise<string> {
  const { ckaWith, debiased } = report;
  const tables = [
    measuresTable(report),
    ...classMeasuresTables(report),
    distancesTable(report),
    alignmentTable(report.cka, undefined, debiased),
    ...(ckaWith === undefined ? [] : [alignmentTable(ckaWith.cka, shortPath(ckaWith.run), debiased)]),
  ];
  const texts = tables.map(
    async (table) => `${table.title}\n${await tableText(table)}\n${wrapped(table.note)}`,
  );
  return (await Promise.all(texts)).join('\n\n');
}

import { Command } from '@commander-js/extra-typings';

import { evaluateRun, findRun, type RunEvaluation } from '../../experiments/index.ts';
import { interruptible } from '../interrupt.ts';
import { columns, percent, terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder } from '../paths.ts';
import { showProgress } from '../progressBar.ts';

/** Classes up to which the whole table of confusions is shown. */
const SHOWN = 20;

/** `msl evaluate RUN` */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('what a trained run says of images: error, calibration, classes, confusions')
    .argument('<run>', RUN_ARGUMENT)
    .option('--data <name|folder>', "a data set, or the folder of an imported one (default: the run's own)")
    .option('--part <name>', 'its test, train or validation images', 'test')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl evaluate 0123abcd
  $ msl evaluate runs/train/faces/seed-1-0123abcd --data faces-outdoors
  $ msl evaluate 0123abcd --part validation

What the calibration is: docs/measures.md.`,
    )
    .action(async (name, { data, part, json }) => {
      const run = findRun(name, runsFolder());
      const display = showProgress();
      let evaluation: RunEvaluation;
      try {
        evaluation = await interruptible((signal) =>
          evaluateRun({ run, data, part, signal, progress: display.progress }),
        );
      } finally {
        display.stop();
      }
      if (evaluation.testImagesAgain) {
        terminal.note(
          "These are the test images that the run's result is of, looked at again: nothing may be chosen by them.",
        );
      }
      terminal.print(json === true ? JSON.stringify(evaluation, null, 2) : describe(evaluation));
    }) as unknown as Command;
}

function describe({
  data,
  part,
  n,
  error,
  interval,
  classes,
  confusion,
  calibration,
  ...measures
}: RunEvaluation): string {
  const [low, high] = interval;
  return [
    columns([
      ['images', `${n} of ${data}, ${part}; weights of epoch ${measures.epoch}`],
      ['error', `${percent(error)} (95 % by the number of images: ${percent(low)} to ${percent(high)})`],
      ['accuracy', percent(1 - error)],
      ['cross-entropy', measures.crossEntropy.toFixed(4)],
      ['Brier score', calibration.brierScore.toFixed(4)],
      ['calibration error', calibrationWords(calibration)],
      ['confidence', confidenceWords(calibration, 1 - error)],
    ]),
    columns([
      ['confidence', 'images', 'mean', 'right'],
      ...calibration.bins.map((bin) => [
        `${(100 * bin.above).toFixed(1)} to ${(100 * bin.upTo).toFixed(1)} %`,
        String(bin.n),
        percent(bin.confidence),
        percent(bin.accuracy),
      ]),
    ]),
    columns([
      ['class', 'images', 'recall', 'precision'],
      ...classes.map((c) => [c.name, String(c.n), percent(c.recall), percent(c.precision)]),
    ]),
    classes.length <= SHOWN ? confusionTable(classes, confusion) : worstConfusions(classes, confusion),
  ].join('\n\n');
}

function calibrationWords(of: RunEvaluation['calibration']): string {
  return `${percent(of.expectedError)} (ECE, 15 bins; of equally many images: ${percent(of.expectedErrorEqualMass)})`;
}

function confidenceWords({ overconfidence }: RunEvaluation['calibration'], accuracy: number): string {
  const points = `${(100 * Math.abs(overconfidence)).toFixed(2)} points`;
  return `${percent(accuracy + overconfidence)} on average, ${points} ${overconfidence < 0 ? 'below' : 'above'} the accuracy`;
}

type Classes = RunEvaluation['classes'];

function confusionTable(classes: Classes, confusion: RunEvaluation['confusion']): string {
  const names = classes.map(({ name }) => name);
  return columns([
    ['class \\ taken for', ...names],
    ...confusion.map((row, c) => [names[c]!, ...row.map(String)]),
  ]);
}

function worstConfusions(classes: Classes, confusion: RunEvaluation['confusion']): string {
  const pairs = confusion.flatMap((row, c) =>
    row.flatMap((count, t) => (t === c || count === 0 ? [] : [{ c, t, count }])),
  );
  const worst = pairs.sort((a, b) => b.count - a.count).slice(0, SHOWN);
  return columns([
    ['class', 'taken for', 'images'],
    ...worst.map(({ c, t, count }) => [classes[c]!.name, classes[t]!.name, String(count)]),
  ]);
}

import { existsSync } from 'node:fs';
import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { counted, UserError } from '../../engine/index.ts';
import {
  keptEpochs,
  readSpecification,
  refuseKept,
  RunFolder,
  runExperiment,
  runName,
  type RunSummary,
} from '../../experiments/index.ts';
import { ensureData } from '../ensureData.ts';
import { epochNumbers } from '../epochNumbers.ts';
import { interruptible } from '../interrupt.ts';
import { columns, percent, terminal } from '../output.ts';
import { maxTime } from '../maxTime.ts';
import { settings } from '../settings.ts';
import { specificationText } from './spec.ts';
import { runsFolder, shortPath } from '../paths.ts';
import { duration, showProgress } from '../progressBar.ts';

/** `msl train SPEC` */
export function trainCommand(): Command {
  return new Command('train')
    .description('train and evaluate one specification')
    .argument('<spec>', 'a specification: a JSON, YAML or TypeScript file')
    .addOption(settings('change one value of it; may be repeated'))
    .option('--out <folder>', 'folder of the records (default: runs/train/SPEC/seed-N-HASH)')
    .option('--resume', 'go on with a run that was stopped; an error where there is none')
    .addOption(maxTime())
    .option('--tensorboard [folder]', "write an event file for TensorBoard (default: in the run's folder)")
    .option(
      '--keep-epochs <which>',
      'keep the weights of every n-th epoch (5), or of those (0,1,2,5); 0 = before training',
      epochNumbers,
    )
    .option('--print', 'only show the specification, complete with its hash')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl train examples/cifar10-msl.json
  $ msl train examples/cifar10-msl.json --set loss.msl.margin=0.8 --set epochs=3
  $ msl train examples/cifar10-msl.json --set loss.msl=null    cross-entropy alone
  $ msl train mine.yaml --max-time 55m --tensorboard           then: tensorboard --logdir runs
  $ msl train mine.yaml --keep-epochs 0,1,2,5,10                then: msl embed RUN --epochs

A run that was stopped goes on when the same command is given again.`,
    )
    .action(async (file, { set, out, resume, json, ...options }) => {
      const specification = await readSpecification(file, set);
      if (options.print === true) {
        terminal.print(specificationText(specification, json === true));
        return;
      }
      const folder = path.resolve(
        out ?? path.join(runsFolder(), 'train', path.parse(file).name, runName(specification)),
      );
      if (resume === true && !existsSync(path.join(folder, 'spec.json'))) {
        throw new UserError(`There is no run in ${folder} to resume. Leave out --resume to start one.`);
      }
      if (resume === true) refuseKept(new RunFolder(folder));
      const keepEpochs = options.keepEpochs?.(specification.epochs) ?? [];
      const events = options.tensorboard;
      const tensorboard =
        typeof events === 'string' ? path.resolve(events) : path.join(folder, 'tensorboard');
      const summary = await interruptible(async (signal, beforeNext) => {
        await ensureData(specification.dataset, signal);
        const display = showProgress();
        try {
          return await runExperiment({
            specification,
            folder,
            keepEpochs,
            label: path.parse(file).name,
            progress: display.progress,
            signal,
            onBegin: () => {
              display.note(`Records: ${shortPath(folder)}`);
            },
            ...(events === undefined ? {} : { tensorboard }),
            onEpoch: ({ timing }) => {
              // Epochs are not all of one length; a tenth more than the last.
              beforeNext(1.1 * (timing.seconds + (timing.validationSeconds ?? 0)));
            },
          });
        } finally {
          display.stop();
        }
      }, options);
      const lacking = keepEpochs.filter((epoch) => !keptEpochs(folder).includes(epoch));
      if (lacking.length > 0 && summary.status === 'finished') {
        terminal.note(
          `The weights of epoch ${lacking.join(', ')} are not there: they were trained before without --keep-epochs. To have ` +
            'them, remove the run (msl runs rm) and train again.',
        );
      }
      if (json === true) terminal.print(JSON.stringify({ folder, summary }, null, 2));
      else terminal.print(describe(summary, folder));
      if (summary.status === 'diverged') process.exitCode = 1;
    }) as unknown as Command;
}

function describe(summary: RunSummary, folder: string): string {
  const epochs = new RunFolder(folder).epochs();
  const { divergence } = summary;
  const short = (value: number | null) => value?.toPrecision(3) ?? 'not finite';
  return [
    ...(divergence === undefined
      ? []
      : [
          `Training diverged: ${divergence.measure} was not finite in step ${divergence.step} of epoch ` +
            `${divergence.epoch}. A lower learning rate or weight usually helps. What follows is of epoch ` +
            `${summary.selection.epoch}; the last sound checkpoint is that of epoch ${divergence.lastCheckpoint ?? '?'}.`,
        ]),
    columns([
      ['test error', `${percent(summary.test.error)} of ${counted(summary.test.n, 'image')}`],
      [
        'epoch',
        `${summary.selection.epoch} of ${summary.epochs}, ` +
          (summary.selection.rule === 'last' ? 'the last' : 'the best by validation accuracy'),
      ],
      ['training accuracy', percent(summary.train.accuracy)],
      ['gradient norm at the logits, after training', short(summary.train.gradientNormLogits)],
      ...Object.entries(summary.taps).map(([tap, { knnAccuracy, betweenWithinRatio }]) => [
        tap,
        `5-NN accuracy ${percent(knnAccuracy)}, between/within ratio ${short(betweenWithinRatio)}`,
      ]),
      [
        'time',
        `${duration(summary.timing.seconds)} for ${counted(epochs.length, 'epoch')}, ` +
          `${Math.round(summary.timing.imagesPerSecond)} images/s`,
      ],
      ['records', shortPath(folder)],
    ]),
  ].join('\n');
}

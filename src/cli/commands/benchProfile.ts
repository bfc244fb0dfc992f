import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { measureProfile, profileTable, withBlock, type ProfileRecord } from '../../bench/index.ts';
import { projectRoot } from '../../data/index.ts';
import { DEFAULT_THREADS, makeFolder } from '../../engine/index.ts';
import { count } from '../count.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { shortPath } from '../paths.ts';
import { showProgress } from '../progressBar.ts';

/** `msl bench profile`; @param peersPython makes the peers' Python environment on first use */
export function benchProfileCommand(peersPython: () => Promise<string>): Command {
  return new Command('profile')
    .description('where the time of a training step goes, here, in tf.function and in PyTorch')
    .option('--steps <n>', 'steps that are looked at', count, 30)
    .option('--threads <n>', 'threads of TensorFlow and PyTorch', count, DEFAULT_THREADS)
    .option('--save', 'write bench/results/profile.json and the table of bench/README.md (in a clone)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ msl bench profile\n  $ msl bench profile --steps 100 --save')
    .action(async ({ steps, threads, save, json }) => {
      const python = await peersPython();
      const display = showProgress();
      let record: ProfileRecord;
      try {
        record = await interruptible((signal) =>
          measureProfile({ steps, threads, python, signal, progress: display.progress }),
        );
      } finally {
        display.stop();
      }
      const source = `${JSON.stringify(record, null, 2)}\n`;
      const text = profileTable(record);
      if (save === true) saveProfile(source, text);
      terminal.print(json === true ? source.trimEnd() : text);
    });
}

function saveProfile(source: string, text: string): void {
  const folder = path.join(projectRoot(), 'bench');
  const [results, readme] = [path.join(folder, 'results', 'profile.json'), path.join(folder, 'README.md')];
  makeFolder(path.dirname(results));
  writeFileSync(results, source);
  writeFileSync(readme, withBlock(readFileSync(readme, 'utf8'), 'profile', text));
  for (const file of [results, readme]) terminal.note(`Written: ${shortPath(file)}`);
}

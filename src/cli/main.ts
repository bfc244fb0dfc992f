import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command, CommanderError } from '@commander-js/extra-typings';

import { projectRoot } from '../data/index.ts';
import { UsageError, UserError } from '../engine/index.ts';
import { dataCommand } from './commands/data.ts';
import { doctorCommand } from './commands/doctor.ts';
import { studyCommand } from './commands/study.ts';
import { trainCommand } from './commands/train.ts';
import { Interrupted, INTERRUPTED_STATUS } from './interrupt.ts';
import { terminal } from './output.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * The command line.
 *
 * @param args what stands after `msl`
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error instanceof Interrupted) {
      terminal.note('Stopped. What is recorded stays; the same command goes on from there.');
      return INTERRUPTED_STATUS;
    }
    if (error instanceof UserError) terminal.note(error.message);
    else terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}

function program(): Command {
  const { version } = JSON.parse(readFileSync(path.join(projectRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const msl = new Command('msl')
    .description('The mixture separability loss: train, compare and look, on TensorFlow from TypeScript.')
    .version(version)
    .addHelpText(
      'after',
      `
Examples:
  $ msl doctor
  $ msl data fetch cifar10
  $ msl study run early-saturation
  $ msl train examples/cifar10-msl.json --set epochs=3

Environment: MSL_ENGINE, MSL_DATA, MSL_RUNS; see environment.md.`,
    );
  for (const command of [doctorCommand(), dataCommand(), trainCommand(), studyCommand()])
    msl.addCommand(command);
  // Reaches the commands within commands: wrong usage throws instead of ending the process.
  const configure = (command: { commands: readonly unknown[] } & Pick<Command, 'exitOverride'>): void => {
    command.exitOverride();
    for (const inner of command.commands) configure(inner as typeof command);
  };
  configure(msl);
  return msl;
}

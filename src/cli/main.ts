import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';

// Single files, not their folders' indices: help and wrong usage answer at once, without the engine.
import { projectRoot } from '../data/projectRoot.ts';
import { isSystemError, UsageError, UserError } from '../engine/errors.ts';
import { unknownName } from '../engine/nearest.ts';
import { Interrupted, INTERRUPTED_STATUS } from './interrupt.ts';
import { terminal } from './output.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

/** The commands; only the one that is asked for is loaded. */
const COMMANDS: readonly {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Command>;
}[] = [
  {
    name: 'doctor',
    description: 'what this machine has: engine, devices, Node, Python, kernel, data sets',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand(),
  },
  {
    name: 'setup',
    description: "get TensorFlow's library ready for use",
    load: async () => (await import('./commands/setup.ts')).setupCommand(),
  },
  {
    name: 'data',
    description: 'list, fetch, verify, import, look at and divide data sets',
    load: async () => (await import('./commands/data.ts')).dataCommand(),
  },
  {
    name: 'train',
    description: 'train and evaluate one specification',
    load: async () => (await import('./commands/train.ts')).trainCommand(),
  },
  {
    name: 'evaluate',
    description: 'what a trained run says of images: error, classes, confusions',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand(),
  },
  {
    name: 'predict',
    description: 'what a trained run takes images for',
    load: async () => (await import('./commands/predict.ts')).predictCommand(),
  },
  {
    name: 'runs',
    description: 'the runs on disk: list, compare, keep small, remove',
    load: async () => (await import('./commands/runs.ts')).runsCommand(),
  },
  {
    name: 'clean',
    description: 'remove what is of no use: half-written files, runs without an epoch, caches',
    load: async () => (await import('./commands/clean.ts')).cleanCommand(),
  },
  {
    name: 'spec',
    description: 'specifications: complete, with their hash; and their schema for editors',
    load: async () => (await import('./commands/spec.ts')).specCommand(),
  },
  {
    name: 'study',
    description: 'comparisons over seeds: run them, look at them',
    load: async () => (await import('./commands/study.ts')).studyCommand(),
  },
  {
    name: 'worker',
    description: 'make runs of studies that were started elsewhere with --queue',
    load: async () => (await import('./commands/worker.ts')).workerCommand(),
  },
  {
    name: 'measure',
    description: "how separable a trained network's features are, tap by tap",
    load: async () => (await import('./commands/measure.ts')).measureCommand(),
  },
  {
    name: 'report',
    description: 'a run or study as a page with its pictures',
    load: async () => (await import('./commands/report.ts')).reportCommand(),
  },
  {
    name: 'models',
    description: 'the networks that a specification can name, and their layers',
    load: async () => (await import('./commands/models.ts')).modelsCommand(),
  },
  {
    name: 'losses',
    description: 'the losses of layers that a specification can name, and their options',
    load: async () => (await import('./commands/losses.ts')).lossesCommand(),
  },
  {
    name: 'embed',
    description: 'show the layers of a trained network in two dimensions',
    load: async () => (await import('./commands/embed.ts')).embedCommand(),
  },
  {
    name: 'export',
    description: 'write the trained network of a run for TensorFlow or a browser',
    load: async () => (await import('./commands/export.ts')).exportCommand(),
  },
  {
    name: 'bench',
    description: 'how fast this machine trains, beside PyTorch and TensorFlow in Python',
    load: async () => (await import('./commands/bench.ts')).benchCommand(),
  },
];

/**
 * The command line.
 *
 * @param args what stands after `msl`
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const msl = await program(args);
    await msl.parseAsync([...withoutHelpWord(msl, args)], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error instanceof Interrupted) {
      terminal.note(`${error.message}. What is recorded stays; the same command goes on from there.`);
      return INTERRUPTED_STATUS;
    }
    if (error instanceof UserError) terminal.note(error.message);
    else if (isSystemError(error)) {
      const { explainSystemError } = await import('./systemError.ts');
      terminal.note(`${explainSystemError(error)}. Nothing that was recorded before is lost.`);
    } else terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}

/**
 * `msl help study run` and `msl study help run` as `msl study run --help`. Of a name that is none the parser would show the help of
 * what stands before it.
 *
 * @throws {UsageError} for a command that is none
 */
function withoutHelpWord(msl: CommandUnknownOpts, args: readonly string[]): readonly string[] {
  const at = args.slice(0, 2).indexOf('help');
  if (at < 0) return args;
  const words = args.filter((_, i) => i !== at);
  let command = msl;
  for (const [i, name] of words.entries()) {
    const known = command.commands.map((inner) => inner.name());
    const inner = command.commands[known.indexOf(name)];
    if (inner === undefined) {
      // What stands before `help` is refused by the parser; after a command without others nothing more is named.
      if (i < at || name.startsWith('-')) return args;
      if (known.length === 0) return [...words.slice(0, i), '--help'];
      throw new UsageError(unknownName(i === 0 ? 'command' : `command of ${command.name()}`, name, known));
    }
    // Here it is an argument, a file of that name for instance.
    if (i < at && inner.commands.length === 0) return args;
    command = inner;
  }
  return [...words, '--help'];
}

/** @throws {UsageError} for an option without a value, such as `--out "$PLACE"` where PLACE is not set */
function refuseEmpty(_: CommandUnknownOpts, command: CommandUnknownOpts): void {
  const empty = command.options.find((option) => command.getOptionValue(option.attributeName()) === '');
  if (empty !== undefined) throw new UsageError(`${empty.flags}: the value is empty.`);
}

async function program(args: readonly string[]): Promise<Command> {
  const { version } = JSON.parse(readFileSync(path.join(projectRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const msl = new Command('msl')
    // An option belongs to the command before it: `bench` and `bench losses` both have rounds.
    .enablePositionalOptions()
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

In a clone: npx msl. Environment: MSL_ENGINE, MSL_DATA, MSL_RUNS; see environment.md.`,
    );
  for (const { name, description, load } of COMMANDS) {
    msl.addCommand(args.includes(name) ? await load() : new Command(name).description(description));
  }
  // Reaches the commands within commands: wrong usage throws instead of ending the process.
  const configure = (command: CommandUnknownOpts, name: string): void => {
    command.exitOverride().showHelpAfterError(`What there is: ${name} --help`);
    for (const inner of command.commands) configure(inner, `${name} ${inner.name()}`);
  };
  configure(msl, 'msl');
  msl.hook('preAction', refuseEmpty);
  return msl;
}

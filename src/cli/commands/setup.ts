import { Command } from '@commander-js/extra-typings';

import { projectRoot } from '../../data/projectRoot.ts';
import { UsageError, UserError } from '../../engine/errors.ts';
import { projectScript } from '../scripts.ts';

interface SetupScript {
  runSetup(options: { root: string; gpu?: boolean; cpu?: boolean }): Promise<void>;
}

/** `msl setup` */
export function setupCommand(): Command {
  return new Command('setup')
    .description("get TensorFlow's library ready for use")
    .option(
      '--gpu',
      'TensorFlow with CUDA (Linux x64; 3.4 GB to download, 5.7 GB on disk); later set-ups keep it',
    )
    .option('--cpu', 'TensorFlow for the CPU; removes the CUDA build')
    .addHelpText(
      'after',
      `
Example:
  $ msl setup

Environment: MSL_ENGINE, MSL_CACHE, MSL_TENSORFLOW, MSL_WHEEL, MSL_PYTHON, CXX, HTTPS_PROXY (environment.md)`,
    )
    .action(async (options) => {
      const script = await projectScript<SetupScript>('setup/command.mjs');
      const processes = await projectScript<{ stopOnSignals(): void }>('setup/process.mjs');
      if (script === undefined || processes === undefined) {
        throw new UserError(`The set-up is missing in ${projectRoot()}: install the package again.`);
      }
      processes.stopOnSignals();
      try {
        await script.runSetup({ root: projectRoot(), ...options });
      } catch (error) {
        throw inWords(error);
      }
    });
}

/** The set-up's own error for what was asked wrongly, as the command line knows it. */
function inWords(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'WrongUse') return error;
  return (error as Error & { status: number }).status === 1
    ? new UserError(error.message)
    : new UsageError(error.message);
}

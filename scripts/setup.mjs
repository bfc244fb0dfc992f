// @ts-check
// `npm run setup [-- --gpu | --cpu]`: packages and engine, ready for use. See environment.md.
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

import { runSetup } from './setup/command.mjs';
import { WrongUse, ensureDependencies } from './setup/index.mjs';
import { stopOnSignals } from './setup/process.mjs';

const USAGE = `Usage: npm run setup [-- --gpu | --cpu]

  --gpu   TensorFlow with CUDA (Linux x64; 3.4 GB to download, 5.7 GB on disk); later set-ups keep it
  --cpu   TensorFlow for the CPU; removes the CUDA build

Environment: MSL_ENGINE, MSL_CACHE, MSL_TENSORFLOW, MSL_WHEEL, MSL_PYTHON, CXX, HTTPS_PROXY (environment.md)`;

const root = fileURLToPath(new URL('..', import.meta.url));
stopOnSignals();
try {
  const { gpu, cpu, help } = parsed();
  if (help) {
    console.log(USAGE);
  } else {
    await ensureDependencies({ root });
    await runSetup({ root, gpu, cpu });
  }
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exitCode = error.status;
}

function parsed() {
  try {
    const { values } = parseArgs({
      options: {
        gpu: { type: 'boolean', default: false },
        cpu: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new WrongUse(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

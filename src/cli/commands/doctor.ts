import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

import { Command } from '@commander-js/extra-typings';

import { listDatasets, projectRoot } from '../../data/index.ts';
import { bfloat16Support, loadEngine, vectorInstructions, type Bfloat16Support } from '../../engine/index.ts';
import { memoryLimit } from '../../experiments/index.ts';
import { columns, terminal } from '../output.ts';
import { projectScript } from '../scripts.ts';

/** One line of the doctor's findings. */
interface Finding {
  readonly what: string;
  /** `note`: works, but could be better. */
  readonly state: 'ok' | 'note' | 'missing';
  readonly found: string;
  /** What to do. */
  readonly remedy?: string;
}

/** `msl doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('what this machine has: engine, devices, Node, Python, JupyterLab, kernel, data sets')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  $ msl doctor\n\nExit status: 0 experiments can be run, 1 something they need is missing.',
    )
    .action(async ({ json }) => {
      const findings = [
        ...(await engine()),
        ...machine((await loadEngine()).name),
        ...(await notebooks()),
        ...(await data()),
      ];
      if (json) terminal.print(JSON.stringify(findings, null, 2));
      else {
        terminal.print(columns(findings.map(({ what, state, found }) => [state, what, found])));
        for (const { remedy } of findings) if (remedy !== undefined) terminal.print(`-> ${remedy}`);
      }
      if (findings.some((f) => f.state === 'missing')) process.exitCode = 1;
    });
}

async function engine(): Promise<Finding[]> {
  const { name, version, gpu, threads, reason } = await loadEngine();
  const kind = name === 'tensorflow' ? 'TensorFlow' : `TensorFlow.js (${name})`;
  const main: Finding =
    reason === undefined
      ? { what: 'engine', state: 'ok', found: `${kind} ${version}, ${threads} threads` }
      : {
          what: 'engine',
          state: 'note',
          found: `${kind} ${version}; TensorFlow cannot be used: ${reason}`,
          remedy: await setupAdvice(),
        };
  if (name !== 'tensorflow') return [main];
  return [main, { what: 'devices', state: 'ok', found: gpu ? 'GPU and CPU' : 'CPU' }];
}

/** What stands in the way of TensorFlow, in the words of the set-up. */
async function setupAdvice(): Promise<string> {
  const script = await projectScript<{ status: () => { reason?: string } }>('setup/index.mjs');
  return script?.status().reason ?? 'Run: npx msl setup';
}

/** What `--set precision=bfloat16` does on a processor; docs/precision.md has the measurements. */
const BFLOAT16: Readonly<Record<Bfloat16Support, readonly [has: string, effect: string]>> = {
  amx: ['AMX', 'about twice as fast as'],
  avx512: ['AVX512-BF16, no AMX', '1.3 to 1.6 times as fast as'],
  emulated: ['neither AVX512-BF16 nor AMX', 'less than half as fast as'],
  none: ['neither AVX512 nor AMX', 'many times slower than'],
  unknown: ['unknown on this system', 'perhaps slower than'],
};

function bfloat16(engineName: string): Finding {
  const [has, effect] = BFLOAT16[bfloat16Support(vectorInstructions())];
  const meaning =
    engineName === 'tensorflow'
      ? `--set precision=bfloat16 trains ${effect} float32`
      : `the engine '${engineName}' computes in float32 only`;
  return { what: 'bfloat16', state: 'ok', found: `${has}: ${meaning}` };
}

function machine(engineName: string): Finding[] {
  const cpus = os.cpus();
  return [
    { what: 'processor', state: 'ok', found: `${cpus[0]?.model.trim() ?? 'unknown'}, ${cpus.length} cores` },
    bfloat16(engineName),
    { what: 'memory', state: 'ok', found: `${(memoryLimit() / 2 ** 30).toFixed(1)} GiB` },
    { what: 'node', state: 'ok', found: process.version },
  ];
}

async function notebooks(): Promise<Finding[]> {
  const python = version('python3', '--version') ?? version('python', '--version');
  const root = projectRoot();
  const jupyter = path.join(root, 'jupyter');
  const kernel = path.join(jupyter, 'kernels');
  const script = await projectScript<{ findLab: (options: { root: string }) => string | undefined }>(
    'lab/environment.mjs',
  );
  return [
    python === undefined
      ? { what: 'python', state: 'note', found: 'not found', remedy: 'Notebooks need Python 3.10 or newer.' }
      : { what: 'python', state: 'ok', found: python },
    // An installed package brings the kernel, and no JupyterLab.
    ...(script === undefined ? [] : [jupyterLab(script.findLab({ root }))]),
    existsSync(kernel)
      ? {
          what: 'kernel',
          state: 'ok',
          found: kernel,
          ...(script === undefined
            ? { remedy: `For notebooks: JUPYTER_PATH=${jupyter} jupyter lab (one of your own)` }
            : {}),
        }
      : { what: 'kernel', state: 'note', found: 'not found' },
  ];
}

function jupyterLab(folder: string | undefined): Finding {
  return folder === undefined
    ? { what: 'jupyterlab', state: 'note', found: 'not set up', remedy: 'For notebooks: npm run lab' }
    : { what: 'jupyterlab', state: 'ok', found: folder };
}

async function data(): Promise<Finding[]> {
  const sets = await listDatasets();
  const absent = sets.filter(({ state }) => state === 'absent').map(({ name }) => name);
  const onDisk = sets.flatMap(({ name, state, folder }): Finding[] => {
    if (folder === undefined) return [];
    const finding = { what: `data ${name}`, found: `${state}: ${folder}` };
    return [
      state === 'incomplete'
        ? { ...finding, state: 'note', remedy: `For the rest of ${name}: npx msl data fetch ${name}` }
        : { ...finding, state: 'ok' },
    ];
  });
  if (absent.length === 0) return onDisk;
  const found = `not on disk: ${absent.join(', ')}`;
  return [...onDisk, { what: 'data', state: 'note', found, remedy: 'To get one: npx msl data fetch NAME' }];
}

function version(command: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Whole trainings here and in PyTorch, from the same weights on the same batches of CIFAR-10:
 *
 *     node --import tsx test/long/parity.ts losses      300 steps, compared step by step: 2 minutes
 *     node --import tsx test/long/parity.ts errors      test errors over six seeds: half an hour
 *
 * Both without a name. `--resume` goes on where an earlier run was interrupted; `--save` writes bench/results and the tables
 * of bench/README.md; `--if-installed` skips all where the peers' Python environment was not made yet, instead of making it.
 *
 * Every option of the optimizer is in use: learning rates that rise and fall, momentum, weight decay on kernels only; in
 * `losses` the last batch of an epoch is short. What is trained is kept in runs/parity at once. Exit status 1 where a bound
 * is passed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { ensureBenchPeers, findBenchPeers } from '../../bench/peers/environment.mjs';
import { withBlock } from '../../src/bench/index.ts';
import { loadDataset, projectRoot, type Dataset } from '../../src/data/index.ts';
import { loadEngine } from '../../src/engine/index.ts';
import { describeMachine } from '../../src/experiments/index.ts';
import { openKept } from './parity/kept.ts';
import {
  compareErrors,
  compareLosses,
  ERROR_SIDES,
  errorsTable,
  LOSS_SIDES,
  lossesTable,
  type ErrorSide,
  type ErrorsRecord,
  type LossesRecord,
  type LossSide,
  type Provenance,
} from './parity/records.ts';
import { trainInTorch, type TorchOptions } from './parity/torch.ts';
import { trainHere, type OnStep, type Outcome, type Plan } from './parity/training.ts';

const THREADS = 2;
const SEEDS = [1, 2, 3, 4, 5, 6];

const LOSSES: Plan = {
  ...{ widths: [16, 32, 64], batchSize: 128, peak: 0.1, momentum: 0.9, weightDecay: 5e-4, separability: 0.1 },
  ...{ images: 1000, steps: 300, dropLast: false, testImages: 0 },
};
/** Ten epochs of 10,000 images. */
const ERRORS: Plan = { ...LOSSES, images: 10_000, steps: 780, dropLast: true, testImages: 10_000 };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    resume: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    'if-installed': { type: 'boolean', default: false },
  },
});
const wanted = positionals.length > 0 ? positionals : ['losses', 'errors'];
const unknown = wanted.find((name) => name !== 'losses' && name !== 'errors');
if (unknown !== undefined) throw new Error(`There is 'losses' and 'errors', but no comparison '${unknown}'.`);

type Trained = Outcome & { readonly version?: string };

interface Setting {
  readonly dataset: Dataset;
  readonly python: string;
}

/** The losses of one seed's training, step by step. */
async function losses({ dataset, python }: Setting): Promise<boolean> {
  const kept = openKept<Trained>(keptFile('losses'), LOSSES, options.resume);
  for (const side of LOSS_SIDES) {
    await once(kept, side, (onStep) =>
      side === 'here'
        ? trainHere(dataset, LOSSES, 1, 'float32', onStep)
        : trainInTorch(
            dataset,
            LOSSES,
            1,
            torch(python, side === 'torch' ? 'default' : 'channels_last', onStep),
          ),
    );
  }
  const of = (side: LossSide) => kept.outcomes[side]!.losses;
  const record: LossesRecord = {
    ...provenance(LOSSES, kept.outcomes['torch']!.version!),
    losses: { here: of('here'), torch: of('torch'), torchChannelsLast: of('torchChannelsLast') },
  };
  report('parity-losses', record, lossesTable(record));
  return compareLosses(record).held;
}

/** Test errors over seeds, here in both precisions and in PyTorch. */
async function errors({ dataset, python }: Setting): Promise<boolean> {
  const kept = openKept<Trained>(keptFile('errors'), ERRORS, options.resume);
  for (const seed of SEEDS) {
    for (const side of ERROR_SIDES) {
      await once(kept, `seed ${seed}, ${side}`, (onStep) =>
        side === 'torch'
          ? trainInTorch(dataset, ERRORS, seed, torch(python, 'channels_last', onStep))
          : trainHere(dataset, ERRORS, seed, side, onStep),
      );
    }
  }
  const of = (side: ErrorSide) => SEEDS.map((seed) => kept.outcomes[`seed ${seed}, ${side}`]!.testError!);
  const record: ErrorsRecord = {
    ...provenance(ERRORS, kept.outcomes['seed 1, torch']!.version!),
    seeds: SEEDS,
    errors: { float32: of('float32'), bfloat16: of('bfloat16'), torch: of('torch') },
  };
  report('parity-errors', record, errorsTable(record));
  return compareErrors(record).every(({ held }) => held);
}

/** Trains what was not trained yet, and says how far it is. */
async function once(
  kept: ReturnType<typeof openKept<Trained>>,
  name: string,
  train: (onStep: OnStep) => Promise<Trained>,
): Promise<void> {
  if (kept.outcomes[name] !== undefined) return;
  const began = performance.now();
  const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
  const outcome = await train((done) => {
    if (done % 50 === 0) console.error(`${name}: step ${done}, ${seconds()} s`);
  });
  kept.add(name, outcome);
  const wrong = outcome.testError === null ? '' : `, ${(100 * outcome.testError).toFixed(2)} % wrong`;
  console.error(`${name}: loss ${outcome.losses.at(-1)!.toFixed(4)}${wrong}, ${seconds()} s`);
}

function torch(python: string, format: TorchOptions['format'], onStep: OnStep): TorchOptions {
  return { python, threads: THREADS, format, onStep };
}

function keptFile(what: string): string {
  return path.join(projectRoot(), 'runs', 'parity', `${what}.json`);
}

function provenance(plan: Plan, torchVersion: string): Provenance {
  const finishedAt = new Date().toISOString();
  return {
    schemaVersion: 1,
    finishedAt,
    environment: describeMachine(),
    threads: THREADS,
    torchVersion,
    plan,
  };
}

function report(name: string, record: object, table: string): void {
  console.log(`\n${table}\n`);
  if (!options.save) return;
  const bench = path.join(projectRoot(), 'bench');
  mkdirSync(path.join(bench, 'results'), { recursive: true });
  // Numbers of one array on one line.
  const text = JSON.stringify(record, null, 2).replaceAll(/\[[\s\d.,e-]+\]/g, (list) =>
    list.replaceAll(/\s+/g, ' '),
  );
  writeFileSync(path.join(bench, 'results', `${name}.json`), `${text}\n`);
  const readme = path.join(bench, 'README.md');
  writeFileSync(readme, withBlock(readFileSync(readme, 'utf8'), name, table));
}

const python = options['if-installed'] ? findBenchPeers() : await ensureBenchPeers();
if (python === undefined) {
  console.log(
    'Skipped: trainings against PyTorch, whose environment `npx msl bench --peers` makes on first use.',
  );
} else {
  await loadEngine({ engine: 'tensorflow', threads: THREADS });
  const dataset = await loadDataset('cifar10');
  if (wanted.includes('losses') && !(await losses({ dataset, python }))) process.exitCode = 1;
  if (wanted.includes('errors') && !(await errors({ dataset, python }))) process.exitCode = 1;
}

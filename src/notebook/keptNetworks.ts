import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import { UserError } from '../engine/index.ts';
import {
  applySettings,
  findStudy,
  keptEpochs,
  parseSpecification,
  resultsFolder,
  RunFolder,
  runExperiment,
  runName,
  runsFolder,
  type RunSummary,
} from '../experiments/index.ts';
import { progressBar } from './progress.ts';

export interface KeptNetworksOptions {
  /** Train them here, from the same specifications. Default `false`. */
  readonly fresh?: boolean;
  /** With `fresh`: changes of the specifications, e.g. `epochs=2`. */
  readonly set?: readonly string[];
  /** Default `results` of the project, or `MSL_RESULTS`. */
  readonly results?: string;
  /** Where fresh runs are recorded; default `runs` of the project, or `MSL_RUNS`. */
  readonly runs?: string;
  /** Folder of the data sets; default: `MSL_DATA`, else the project's `data`. */
  readonly dataFolder?: string;
}

/** A trained network of a study's arm. */
export interface KeptNetwork {
  readonly arm: string;
  /** Of the arm, e.g. `CE + MSL`. */
  readonly title: string;
  /** A run, for whatever takes one. */
  readonly folder: string;
  readonly summary: RunSummary;
  /** Whose weights are there, ascending; 0 = before training. */
  readonly epochs: readonly number[];
}

/**
 * The trained networks of a study that come with the workbook (`results/networks`, made by `msl runs keep`), in the order of its
 * arms; with `fresh` networks of the same specifications, trained on this machine.
 *
 * @throws {UserError} where none are there; for an unknown study; as {@link runExperiment} does
 */
export async function keptNetworks(study: string, options: KeptNetworksOptions = {}): Promise<KeptNetwork[]> {
  const { fresh = false, set = [], results = resultsFolder(), runs = runsFolder(), dataFolder } = options;
  const root = path.join(results, 'networks', study);
  const networks: KeptNetwork[] = [];
  for (const { name: arm, title } of findStudy(study).arms) {
    const kept = runIn(path.join(root, arm));
    if (kept === undefined) continue;
    const epochs = keptEpochs(kept);
    if (!fresh) {
      networks.push({ arm, title, folder: kept, summary: new RunFolder(kept).summary()!, epochs });
      continue;
    }
    const specification = parseSpecification(
      applySettings(new RunFolder(kept).specification()!, set),
      'the kept network',
    );
    const folder = path.join(runs, 'networks', study, arm, runName(specification));
    await rm(folder, { recursive: true, force: true });
    const keepEpochs = epochs.filter((epoch) => epoch < specification.epochs);
    const summary = await runExperiment({
      ...{ specification, folder, keepEpochs, label: title, progress: progressBar() },
      ...(dataFolder === undefined ? {} : { dataFolder }),
    });
    networks.push({ arm, title, folder, summary, epochs: keptEpochs(folder) });
  }
  if (networks.length > 0) return networks;
  throw new UserError(
    `There are no networks of ${study} in ${root}: expected ARM/seed-N-HASH. msl runs keep RUN FOLDER keeps one.`,
  );
}

/** The first run in a folder. */
function runIn(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const found = readdirSync(folder)
    .sort()
    .find((name) => existsSync(path.join(folder, name, 'summary.json')));
  return found === undefined ? undefined : path.join(folder, found);
}

/** What a run needs, before it begins. */
import {
  loadDataset,
  type BatchThreads,
  type Dataset,
  type LoadDatasetOptions,
  type Split,
} from '../../data/index.ts';
import { trainedByOptimizer, type Objective } from '../../losses/index.ts';
import type { Network } from '../../models/index.ts';
import {
  initialState,
  sgd,
  type Evaluator,
  type Optimizer,
  type TrainingState,
} from '../../training/index.ts';
import { trainee } from '../build.ts';
import type { EnvironmentRecord } from '../environment.ts';
import type { RunFolder } from '../runFolder.ts';
import type { Specification } from '../specification/index.ts';
import { trainableSplit } from '../split.ts';
import { runWork, type RunWork } from '../work.ts';

/** What a run needs, made once from its specification. */
export interface Prepared {
  readonly specification: Specification;
  readonly dataset: Dataset;
  readonly network: Network;
  readonly objective: Objective;
  readonly split: Split;
  readonly stepsPerEpoch: number;
  readonly work: RunWork;
}

/** What a run holds while it lasts. */
export interface Resources {
  readonly records: RunFolder;
  /** Where this process trains. */
  readonly environment: EnvironmentRecord;
  readonly evaluate: Evaluator;
  readonly batches: BatchThreads;
  /** Reports how much of the run's work is done. */
  readonly report: (done: number, note: string) => void;
}

/** @throws {UsageError} for what only the data can show to be wrong */
export async function prepare(
  specification: Specification,
  { dir, progress, signal }: Pick<LoadDatasetOptions, 'dir' | 'progress' | 'signal'> = {},
): Promise<Prepared> {
  const dataset = await loadDataset(specification.dataset, { dir, progress, signal });
  const split = trainableSplit(specification, dataset);
  const stepsPerEpoch = Math.floor(split.train.length / specification.batchSize);
  const { network, objective } = trainee(specification, dataset);
  const drawn = { train: split.train.length, validation: split.validation.length };
  const work = runWork(specification, dataset, drawn);
  return { specification, dataset, network, objective, split, stepsPerEpoch, work };
}

/** The state before the first step. */
export function newState(prepared: Prepared): TrainingState {
  const { specification, network, objective } = prepared;
  return initialState(network, optimizerOf(prepared), specification.seed, objective);
}

/** It trains the network, and what the losses have to train. */
export function optimizerOf({ specification, network, objective }: Prepared): Optimizer {
  const parameters = [...network.parameters, ...trainedByOptimizer(objective)];
  return sgd({ parameters }, specification.optimizer);
}

/** The end of a run: the chosen weights, on the training and the test set. */

import { tf } from '../../engine/tf.ts';
import { tensorsOf, UserError } from '../../engine/index.ts';
import { DivergenceError, loadCheckpoint, type TrainingState } from '../../training/index.ts';
import { evaluateSet, isFiniteEvaluation } from '../evaluateSet.ts';
import { summarise } from '../summarise.ts';
import { newState, type Prepared, type Resources } from './prepare.ts';
import { bestEpoch } from './selection.ts';

interface Outcome {
  readonly result: Awaited<ReturnType<typeof summarise>>;
  /** The epoch that was evaluated; 0 = the initial weights. */
  readonly epoch: number;
  /** Where weights that are finite gave outputs that are not. */
  readonly divergence?: DivergenceError;
}

/**
 * Evaluates the chosen checkpoint on the training and the test set, which is used here alone. Weights so large that their
 * outputs overflow are a divergence too; then the initial weights stand for the run, so that it has its place in the tables.
 *
 * @throws {UserError} where the chosen checkpoint was damaged after it was written
 */
export async function test(
  prepared: Prepared,
  { records, evaluate, batches, report }: Resources,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const { dataset, network, split, stepsPerEpoch, specification, work } = prepared;
  const { normalisation } = dataset;
  const trained = specification.epochs * work.epoch;
  const look = async (state: TrainingState) => {
    const common = { evaluate, batches, state, normalisation, signal };
    const images = split.train.length;
    const train = await evaluateSet({
      ...{ ...common, set: dataset.train, indices: split.train },
      onBatch: (done) => {
        report(trained + done, `evaluating on the training set, ${done} of ${images} images`);
      },
    });
    const test = await evaluateSet({
      ...{ ...common, set: dataset.test },
      onBatch: (done) => {
        report(trained + images + done, `evaluating on the test set, ${done} of ${dataset.test.n} images`);
      },
    });
    return { train, test };
  };
  const best = specification.selection === 'validation' ? bestEpoch(records.epochs()) : undefined;
  const chosen = loadCheckpoint(records.checkpoints, best === undefined ? {} : { newest: best });
  if (best !== undefined && chosen?.epoch !== best) {
    tf.dispose(tensorsOf(chosen?.state));
    throw new UserError(
      `The checkpoint of epoch ${best} in ${records.checkpoints}, which was the best, has been damaged. Give the same ` +
        'command again: it trains what is missing.',
    );
  }
  let state = chosen?.state ?? newState(prepared);
  try {
    let epoch = chosen?.epoch ?? 0;
    let seen = await look(state);
    let divergence: DivergenceError | undefined;
    if (!isFiniteEvaluation(seen.train) || !isFiniteEvaluation(seen.test)) {
      divergence = new DivergenceError(epoch, stepsPerEpoch, 'outputs of the trained network', NaN);
      tf.dispose(tensorsOf(state));
      state = newState(prepared);
      epoch = 0;
      seen = await look(state);
    }
    const onTap = (tap: number) => {
      const note = `measuring the features, ${tap} of ${network.taps.length} layers`;
      report(trained + work.evaluation + tap * work.tap, note);
    };
    const result = await summarise({ network, dataset, trainIndices: split.train, ...seen, onTap });
    return { result, epoch, ...(divergence === undefined ? {} : { divergence }) };
  } finally {
    tf.dispose(tensorsOf(state));
  }
}

/** What the losses of an objective keep from step to step: named `<loss>/<tap>/<tensor>`. */

import { tf } from '../engine/tf.ts';
import { createStream, UserError } from '../engine/index.ts';
import type { NamedTensors, Network } from '../models/index.ts';
import { noState } from './noState.ts';
import { termFeatures, termName, type Objective } from './objective.ts';

/** Tensors that the optimizer trains beside the network's, and whether weight decay applies. */
export function trainedByOptimizer({
  terms,
}: Objective): { readonly name: string; readonly decay: boolean }[] {
  return terms.flatMap((term) =>
    Object.entries(term.loss.state?.trained ?? {}).map(([tensor, { decay }]) => ({
      name: `${termName(term)}/${tensor}`,
      decay,
    })),
  );
}

/**
 * The state before the first step: a pure function of the seed. Sizes of features are those of a pass of one image through
 * the network.
 *
 * @throws {UserError} where a loss has a tensor trained that it does not make
 */
export function initialObjectiveState(
  { terms }: Objective,
  network: Network,
  values: { readonly parameters: NamedTensors; readonly statistics: NamedTensors },
  seed: number,
): NamedTensors {
  const keeping = terms.filter(({ loss }) => loss.state !== undefined);
  if (keeping.length === 0) return {};
  const dims = tf.tidy(() => {
    const image = tf.zeros<tf.Rank.R4>([1, ...network.imageShape]);
    const { taps } = network.apply(values.parameters, values.statistics, image, { training: false });
    return keeping.map((term) => termFeatures(term, taps).shape[1]);
  });
  return Object.fromEntries(
    keeping.flatMap((term, i) => {
      const stream = createStream(seed, 'init', 'loss', termName(term));
      const shape = { classes: network.classes, dim: dims[i]! };
      const state = term.loss.state!;
      const tensors = state.init(stream, shape, term.options ?? {});
      const unmade = Object.keys(state.trained ?? {}).find((tensor) => !(tensor in tensors));
      if (unmade !== undefined) {
        throw new UserError(
          `The loss '${term.loss.name}' has the optimizer train ${noState(unmade, tensors)}`,
        );
      }
      return Object.entries(tensors).map(([name, tensor]) => [`${termName(term)}/${name}`, tensor]);
    }),
  );
}

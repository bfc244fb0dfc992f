/** Parts of the user's own, whose mistakes are told as the user's: by name and line, without the workbook's stack. */
import { ownSiteOf, UserError, withDeepStacks } from '../../engine/index.ts';
import type { LayerLoss, LossState } from '../../losses/index.ts';
import { PENULTIMATE, type Network } from '../../models/index.ts';
import type { CustomNetwork, CustomPart, CustomTap } from './types.ts';

/** @returns the loss, whose functions throw a {@link UserError} where they fail */
export function guardedLoss<Options extends object>(loss: LayerLoss<Options>): LayerLoss<Options> {
  const tell = teller({ kind: 'loss', name: loss.name });
  const { state } = loss;
  return {
    ...loss,
    evaluate: (input, options) => tell(() => loss.evaluate(input, options)),
    ...(state === undefined ? {} : { state: guardedState(state, tell) }),
  };
}

/** @returns the tap, whose function throws a {@link UserError} where it fails or makes no maps */
export function guardedTap(tap: CustomTap): CustomTap {
  const tell = teller({ kind: 'tap', name: tap.name });
  return {
    ...tap,
    maps: (maps) => {
      const made = tell(() => tap.maps(maps));
      const shape: readonly number[] = (made as Partial<typeof made> | undefined)?.shape ?? [];
      if (shape.length === 4 && shape[0] === maps.shape[0]) return made;
      throw new UserError(
        `The tap '${tap.name}' makes ${made instanceof Object ? `[${shape.join(', ')}]` : String(made)} of [${maps.shape.join(', ')}]; it has to make ` +
          'maps, [batch, height, width, channels], which may be 1 x 1.',
      );
    },
  };
}

/** @returns the network, whose function throws a {@link UserError} where it fails or makes none that can be measured */
export function guardedNetwork<Options extends object>(
  network: CustomNetwork<Options>,
): CustomNetwork<Options> {
  const tell = teller({ kind: 'network', name: network.name });
  return {
    ...network,
    build: (of, options) => {
      const built = tell(() => network.build(of, options));
      requireTaps(built);
      return built;
    },
  };
}

/** What a run measures at its end has to be there at its start. */
function requireTaps({ name, allTaps, taps }: Network): void {
  if (!allTaps.includes(PENULTIMATE)) {
    throw new UserError(
      `The network '${name}' has no tap '${PENULTIMATE}': put { kind: 'tap', name: '${PENULTIMATE}' } before its last layer. What ` +
        'the classifier sees is measured there.',
    );
  }
  if (taps.length > 0) return;
  throw new UserError(
    `The network '${name}' has no tap but '${PENULTIMATE}': put { kind: 'tap', name: 'stage1' } behind a layer of maps. Losses are ` +
      'attached to taps, and the features there are measured.',
  );
}

function guardedState<Options extends object>(state: LossState<Options>, tell: Teller): LossState<Options> {
  return {
    ...state,
    init: (stream, shape, options) => tell(() => state.init(stream, shape, options)),
    ...(state.update === undefined
      ? {}
      : { update: (input, options) => tell(() => state.update!(input, options)) }),
  };
}

type Teller = <T>(work: () => T) => T;

function teller({ kind, name }: Pick<CustomPart, 'kind' | 'name'>): Teller {
  return (work) => {
    try {
      return withDeepStacks(work);
    } catch (error) {
      if (error instanceof UserError) throw error;
      const thrown = error instanceof Error ? error : new Error(String(error));
      throw new UserError(`The ${kind} '${name}' failed at ${ownSiteOf(thrown).place}: ${thrown.message}`, {
        cause: error,
      });
    }
  };
}

/** Parts of the user's own, whose mistakes are told as the user's: by name and line, without the workbook's stack. */
import { siteOf, UserError, withDeepStacks } from '../../engine/index.ts';
import type { LayerLoss, LossState } from '../../losses/index.ts';
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

/** @returns the tap, whose function throws a {@link UserError} where it fails */
export function guardedTap(tap: CustomTap): CustomTap {
  return { ...tap, maps: (maps) => teller({ kind: 'tap', name: tap.name })(() => tap.maps(maps)) };
}

/** @returns the network, whose function throws a {@link UserError} where it fails */
export function guardedNetwork<Options extends object>(
  network: CustomNetwork<Options>,
): CustomNetwork<Options> {
  const tell = teller({ kind: 'network', name: network.name });
  return { ...network, build: (of, options) => tell(() => network.build(of, options)) };
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
      throw new UserError(`The ${kind} '${name}' failed at ${siteOf(thrown).place}: ${thrown.message}`, {
        cause: error,
      });
    }
  };
}

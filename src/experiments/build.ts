import { unknownName, UsageError } from '../engine/index.ts';
import type { Objective } from '../losses/index.ts';
import type { Network } from '../models/index.ts';
import type { Specification } from './specification.ts';

/**
 * What a specification minimises.
 *
 * @throws {UserError} for a tap that the network does not have
 */
export function objectiveOf({ loss: { msl } }: Specification, network: Network): Objective {
  if (msl === null) return { separability: [] };
  const { taps, weight, side, margin, betweenWeight, center } = msl;
  return {
    separability: (taps ?? network.taps).map((tap) => {
      if (!network.taps.includes(tap)) {
        throw new UsageError(`loss.msl.taps: ${unknownName('tap', tap, network.taps)}`);
      }
      return { tap, side, weight, margin, betweenWeight, center };
    }),
  };
}

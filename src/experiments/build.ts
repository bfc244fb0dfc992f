import { checkAugmentation, requireDivisor } from '../data/index.ts';
import { unknownName, UsageError } from '../engine/index.ts';
import {
  defaultsOf,
  findLayerLoss,
  termName,
  type DerivedMaps,
  type LayerLoss,
  type Objective,
  type Pooling,
  type TapSide,
  type Term,
  type WeightSchedule,
} from '../losses/index.ts';
import type { Network } from '../models/index.ts';
import { customParts, customTap } from './custom/registry.ts';
import type { DatasetSizes } from './datasetSizes.ts';
import type { TapWeights } from './specification/losses.ts';
import { requireMemory } from './memory.ts';
import { networkOf } from './networks.ts';
import type { Specification } from './specification/index.ts';

/**
 * What a specification trains, and what it minimises.
 *
 * @param elsewhere whether another machine trains it, of whose memory nothing is known here
 * @throws {UsageError} where network, losses, images and this machine do not fit together
 * @throws {UserError} for a sampler whose batches would not be full, and an augmentation that leaves nothing of an image
 */
export function trainee(
  specification: Specification,
  sizes: Pick<DatasetSizes, 'train'>,
  { elsewhere = false }: { readonly elsewhere?: boolean } = {},
): { readonly network: Network; readonly objective: Objective } {
  const { sampler, batchSize, augmentation } = specification;
  if (sampler?.name === 'perClass') requireDivisor(sampler.images, batchSize);
  checkAugmentation(augmentation, sizes.train);
  const network = networkOf(specification, sizes);
  if (!elsewhere) requireMemory(specification, network);
  return { network, objective: objectiveOf(specification, network) };
}

/**
 * What a specification minimises.
 *
 * @throws {UsageError} for a tap that the network does not have, one of the user's own with the name of one of the network's, a weight
 * that no tap has or a tap that no weight has, a grid that is finer than a tap's maps, and a loss that is attached twice to one tap
 */
export function objectiveOf({ loss }: Pick<Specification, 'loss'>, network: Network): Objective {
  const { msl, layers = [], labelSmoothing } = loss;
  const terms = [
    ...(msl === null ? [] : termsOf('loss.msl', findLayerLoss('msl'), msl, network)),
    ...layers.flatMap((layer, i) => termsOf(`loss.layers.${i}`, findLayerLoss(layer.name), layer, network)),
  ];
  const names = terms.map(termName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError(
      `loss: ${twice} is there twice. A loss is attached to a tap once; its parts are recorded by that name.`,
    );
  }
  return { ...(labelSmoothing === undefined ? {} : { labelSmoothing }), terms };
}

/** Where a loss is attached, as a specification has it; the loss's own options beside it. */
interface Attached {
  readonly weight: TapWeights;
  readonly taps: readonly string[] | null;
  readonly side: TapSide;
  readonly pooling?: Pooling;
  readonly schedule?: WeightSchedule;
}

/** @param place in the specification, for messages */
function termsOf(place: string, loss: LayerLoss, attached: Attached, network: Network): Term[] {
  const { weight, taps: named, side, pooling = 'globalAverage', schedule = 'constant', ...rest } = attached;
  const weighted = typeof weight === 'number' ? undefined : Object.keys(weight);
  const taps = named ?? weighted ?? network.taps;
  const known = tapNames(network);
  for (const [where, tap] of [
    ...(named ?? []).map((tap) => ['taps', tap] as const),
    ...(weighted ?? []).map((tap) => ['weight', tap] as const),
  ]) {
    if (!known.includes(tap)) {
      throw new UsageError(`${place}.${where}: ${unknownTap(tap, network)}`);
    }
    // It would be recorded as used, and the network's be read.
    if (network.allTaps.includes(tap) && customTap(tap) !== undefined) {
      throw new UsageError(
        `${place}.${where}: the network has a tap '${tap}' of its own, so that the one that was registered under this name ` +
          'cannot be told from it; give yours another name',
      );
    }
  }
  const unattached = weighted?.find((tap) => !taps.includes(tap));
  if (unattached !== undefined) {
    throw new UsageError(
      `${place}.weight: the tap '${unattached}' has a weight, but is not among ${place}.taps`,
    );
  }
  const options = { ...defaultsOf(loss), ...optionsIn(loss, rest) };
  return taps.map((tap) => {
    const own = typeof weight === 'number' ? weight : weight[tap];
    if (own === undefined) {
      throw new UsageError(`${place}.weight: the tap '${tap}' has none; ${place}.taps names it`);
    }
    checkGrid(place, { tap, side, pooling }, network);
    return { loss, tap, side, pooling, weight: own, schedule, options, ...derivedMaps(network, tap) };
  });
}

/** All names that features can be read by: the network's taps, and the user's own that are computed from one of them. */
export function tapNames({ allTaps }: Network): string[] {
  const own = customParts().flatMap(({ kind, name }) =>
    kind === 'tap' && !allTaps.includes(name) && allTaps.includes(customTap(name)?.from ?? '') ? [name] : [],
  );
  return [...allTaps, ...own];
}

/** The sentences that refuse a tap: of the user's own by what it is computed from, of any other by the nearest name. */
export function unknownTap(tap: string, network: Network): string {
  const from = customTap(tap)?.from;
  if (from === undefined) return unknownName('tap', tap, tapNames(network));
  return `The tap '${tap}' is computed from '${from}', which is no tap of the network; its taps are ${network.allTaps.join(', ')}.`;
}

/** How the maps of a tap are made that is not the network's; nothing for one that is. */
export function derivedMaps(network: Network, tap: string): { readonly derived?: DerivedMaps } {
  const derived = network.allTaps.includes(tap) ? undefined : customTap(tap);
  return derived === undefined ? {} : { derived };
}

/** What of the fields is an option of the loss. */
function optionsIn(loss: LayerLoss, fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name in loss.options));
}

/**
 * Refuses a grid that is finer than a tap's maps. A stage's maps before its rectifier may be larger than what it passes on;
 * those are checked where they are made.
 *
 * @param place of the pooling, for messages
 * @throws {UsageError}
 */
export function checkGrid(
  place: string,
  { tap, side, pooling }: { readonly tap: string; readonly side: TapSide; readonly pooling: Pooling },
  network: Network,
): void {
  if (typeof pooling === 'string' || side !== 'activation') return;
  const shape = network.summary.find(({ kind, name }) => kind === 'tap' && name === tap)?.outputShape ?? [];
  const [height = 1, width = 1] = shape.length === 3 ? shape : [];
  const most = Math.min(height, width);
  if (pooling.grid <= most) return;
  throw new UsageError(
    `${place}.pooling: the maps of ${tap} are ${height} x ${width}, so that a grid has 1 to ${most} cells a side, not ` +
      `${pooling.grid}`,
  );
}

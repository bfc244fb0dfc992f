/** Losses, taps and networks of the user's own, by their names, for this process. */
import { createHash } from 'node:crypto';

import { UsageError } from '../../engine/index.ts';
import { addLayerLoss, type LayerLoss } from '../../losses/index.ts';
import { NETWORK_NAMES } from '../networkNames.ts';
import { guardedLoss, guardedNetwork, guardedTap } from './guarded.ts';
import type { CustomNetwork, CustomPart, CustomTap } from './types.ts';

interface Registered {
  readonly part: CustomPart;
  readonly value: object;
}

const registered = new Map<string, Registered>();
const keyOf = ({ kind, name }: Pick<CustomPart, 'kind' | 'name'>): string => `${kind} ${name}`;

/**
 * Registers a loss under its name, for `loss.layers` of a specification. The same name again replaces it.
 *
 * @throws {UsageError} for a name or options that a specification could not tell apart
 */
export function registerLoss<Options extends object>(loss: LayerLoss<Options>): LayerLoss<Options> {
  addLayerLoss(guardedLoss(loss));
  add('loss', loss, loss);
  return loss;
}

/**
 * Registers a tap under its name, for the `taps` of losses.
 *
 * @throws {UsageError} for a name with other characters than letters, digits, - and _
 */
export function registerTap(tap: CustomTap): CustomTap {
  requireName('tap', tap.name);
  add('tap', tap, guardedTap(tap));
  return tap;
}

/**
 * Registers a network under its name, for `network` of a specification.
 *
 * @throws {UsageError} for the name of one of the workbook's own
 */
export function registerNetwork<Options extends object>(
  network: CustomNetwork<Options>,
): CustomNetwork<Options> {
  requireName('network', network.name);
  if ((NETWORK_NAMES as readonly string[]).includes(network.name)) {
    throw new UsageError(`'${network.name}' is a network of the workbook; give yours another name.`);
  }
  add('network', network, guardedNetwork(network));
  return network;
}

/** The tap of a name, if one was registered. */
export function customTap(name: string): CustomTap | undefined {
  return registered.get(keyOf({ kind: 'tap', name }))?.value as CustomTap | undefined;
}

/** The network of a name, if one was registered. */
export function customNetwork(name: unknown): CustomNetwork | undefined {
  return registered.get(keyOf({ kind: 'network', name: String(name) }))?.value as CustomNetwork | undefined;
}

/** What is recorded of a part; `undefined` where none of that name was registered. */
export function customPart(kind: CustomPart['kind'], name: string): CustomPart | undefined {
  return registered.get(keyOf({ kind, name }))?.part;
}

/** All that are registered. */
export function customParts(): readonly CustomPart[] {
  return [...registered.values()].map(({ part }) => part);
}

/** Says of parts that a file registered where they come from. */
export function setOrigin(parts: readonly CustomPart[], file: string, sha256: string): void {
  for (const part of parts) {
    const known = registered.get(keyOf(part));
    if (known !== undefined) registered.set(keyOf(part), { ...known, part: { ...part, file, sha256 } });
  }
}

/** @param written what its hash is of; `value` is what is used */
function add(kind: CustomPart['kind'], written: { readonly name: string }, value: object): void {
  const { name } = written;
  registered.set(keyOf({ kind, name }), {
    part: { kind, name, file: null, sha256: textHash(written) },
    value,
  });
}

function requireName(kind: string, name: string): void {
  if (/^[A-Za-z][\w-]*$/.test(name)) return;
  throw new UsageError(
    `A ${kind}'s name has letters, digits, - and _, and begins with a letter; '${name}' does not.`,
  );
}

/** Of the text of the functions and of all values: what they capture from outside is not in it. */
function textHash(value: object): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'function' ? String(inner) : inner,
  );
  return createHash('sha256').update(text).digest('hex');
}

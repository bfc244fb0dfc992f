/** Whether a network can be trained in a machine's memory at all. */
import os from 'node:os';

import { UsageError } from '../engine/index.ts';
import { parameterCount, type Network } from '../models/index.ts';

const BYTES = 4;
/** A parameter, its gradient and its momentum. */
const OF_A_PARAMETER = 3;

/**
 * What a training takes at the very least, in bytes: parameters, gradients and momentum, and the convolutions' and dense layers'
 * outputs of a batch, which the gradients need.
 */
export function leastMemory(network: Network, batchSize: number): number {
  const outputs = network.summary
    .filter(({ parameters }) => parameters.length > 0)
    .reduce((sum, { outputShape }) => sum + outputShape.reduce((a, b) => a * b, 1), 0);
  return BYTES * (OF_A_PARAMETER * parameterCount(network) + batchSize * outputs);
}

/** Bytes of memory that this process may have: the machine's, or less where a container limits it. */
export function memoryLimit(): number {
  // 0 where the system does not say; more than the machine has where there is no limit.
  return Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
}

/**
 * @param available bytes; default {@link memoryLimit}
 * @throws {UsageError} where a training cannot fit
 */
export function requireMemory(
  { network: written, batchSize }: { readonly network: object; readonly batchSize: number },
  network: Network,
  available = memoryLimit(),
): void {
  const needed = leastMemory(network, batchSize);
  if (needed <= available) return;
  throw new UsageError(
    `network: ${JSON.stringify(written)} has ${parameterCount(network).toLocaleString('en')} parameters; to train it with batches of ` +
      `${batchSize} takes ${gibibytes(needed)} or more, and there are ${gibibytes(available)}. Make it smaller, or the batches.`,
  );
}

const gibibytes = (bytes: number): string =>
  `${(bytes / 2 ** 30).toLocaleString('en', { maximumSignificantDigits: 3 })} GiB`;

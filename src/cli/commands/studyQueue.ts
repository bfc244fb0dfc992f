import path from 'node:path';

import { UsageError } from '../../engine/index.ts';
import type { Executor } from '../../experiments/index.ts';

/** The workers of a queue, where one is asked for. */
export async function queueOf({
  queue,
  workers,
  shared,
}: {
  readonly queue?: string | true | undefined;
  readonly workers?: number | undefined;
  readonly shared?: string | undefined;
}): Promise<Executor | undefined> {
  if (queue === undefined) {
    if (shared === undefined) return undefined;
    throw new UsageError('--shared is for the workers of a queue; it needs --queue.');
  }
  if (workers !== undefined) {
    throw new UsageError('--workers is for this machine; a queue’s workers are started with msl worker.');
  }
  const { queueAddress, runOnQueue } = await import('../../experiments/queue/index.ts');
  const address = queueAddress(queue === true ? undefined : queue);
  const sharedFolder = shared === undefined ? undefined : path.resolve(shared);
  return (options) => runOnQueue({ ...options, address, sharedFolder });
}

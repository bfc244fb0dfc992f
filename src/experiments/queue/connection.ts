import { Redis, type RedisOptions } from 'ioredis';

import { UserError } from '../../engine/index.ts';
import type { QueueAddress } from './address.ts';

/** Milliseconds until a server that does not answer is given up, at first. */
const CONNECT_TIMEOUT = 5000;
/** Milliseconds between two attempts to reach a server that was there before, at most. */
const RETRY = 2000;

/** How every connection to a queue is made: one that is lost is made again, and commands wait for it. */
export function connectionOptions(address: QueueAddress) {
  const { host, port, db, username, password, tls } = address;
  return {
    ...{ host, port, db, connectTimeout: CONNECT_TIMEOUT, maxRetriesPerRequest: null },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    retryStrategy: (times: number): number => Math.min(100 * times, RETRY),
  } satisfies RedisOptions;
}

/**
 * A connection, made.
 *
 * @throws {UserError} where the server does not answer, or does not let one in
 */
export async function connect(address: QueueAddress): Promise<Redis> {
  let reached = false;
  let last: Error | undefined;
  const redis = new Redis({
    ...connectionOptions(address),
    lazyConnect: true,
    retryStrategy: (times) => (reached ? Math.min(100 * times, RETRY) : null),
  });
  redis.on('error', (error: Error) => (last = error));
  try {
    await redis.connect();
    await redis.ping();
    reached = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new UserError(problem(address, last ?? (error as Error)), { cause: error });
  }
}

function problem({ shown, tls }: QueueAddress, error: Error): string {
  const message = error.message || ((error as NodeJS.ErrnoException).code ?? 'no answer');
  if (/NOAUTH|WRONGPASS|invalid password|NOPERM/.test(message)) {
    return `The queue at ${shown} asks for another user or password (${message}). Set MSL_QUEUE to redis://:PASSWORD@HOST:PORT.`;
  }
  if (/certificate|self.signed|ERR_TLS|altname/i.test(message)) {
    return (
      `The queue at ${shown} has a certificate that is not trusted (${message}). Name that of its authority in ` +
      'NODE_EXTRA_CA_CERTS.'
    );
  }
  return `The queue at ${shown} cannot be reached (${message}).${tls ? ' Does its server speak TLS at this port?' : ''} A server is started with: redis-server --appendonly yes`;
}

/**
 * What of a server's settings endangers a study.
 *
 * @returns sentences; none where all is well
 */
export async function serverWarnings(redis: Redis): Promise<string[]> {
  const read = async (name: string): Promise<string | undefined> => {
    try {
      const [, value] = await redis.config('GET', name);
      return value;
    } catch {
      return undefined;
    }
  };
  const policy = await read('maxmemory-policy');
  const append = await read('appendonly');
  if (policy === undefined && append === undefined) {
    return [
      'The queue’s server does not show its settings: make sure that maxmemory-policy is noeviction and appendonly is yes.',
    ];
  }
  return [
    ...(policy === undefined || policy === 'noeviction'
      ? []
      : [
          `The queue’s server has maxmemory-policy ${policy} and may forget runs when its memory is full; it should be noeviction.`,
        ]),
    ...(append === undefined || append === 'yes'
      ? []
      : [
          'The queue’s server has appendonly no: when it stops, runs that wait and results that were not collected are lost ' +
            '(they are made again). Start it with --appendonly yes.',
        ]),
  ];
}

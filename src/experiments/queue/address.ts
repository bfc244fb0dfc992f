import { UsageError } from '../../engine/index.ts';
import { QUEUE_VARIABLE } from '../processes/childEnvironment.ts';

/** Where a queue is. */
export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
  /** For messages and records: without user and password. */
  readonly shown: string;
}

const EXAMPLE = 'redis://host:6379, or rediss://host:6380 for TLS';

/**
 * The address of a queue, as given by hand, or else that of `MSL_QUEUE`.
 *
 * @throws {UsageError} where there is none, where it is no address, and for a password by hand, which everybody who lists the
 * processes of the machine could read
 */
export function queueAddress(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): QueueAddress {
  if (given !== undefined) {
    const address = parseQueueUrl(given, '--queue');
    if (address.password === undefined && address.username === undefined) return address;
    throw new UsageError(
      `--queue ${address.shown}: a password on the command line can be read in the list of processes. Put the whole address ` +
        `into the environment variable ${QUEUE_VARIABLE} and give --queue without a value.`,
    );
  }
  const url = env[QUEUE_VARIABLE];
  if (url !== undefined && url !== '') return parseQueueUrl(url, QUEUE_VARIABLE);
  throw new UsageError(`No queue is named: give its address (--queue ${EXAMPLE}), or set ${QUEUE_VARIABLE}.`);
}

function decoded(text: string, source: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`${source}: a % in user or password is written %25.`);
  }
}

/** @param source for messages, which do not show what stands there: it may be a password */
export function parseQueueUrl(url: string, source: string): QueueAddress {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UsageError(`${source}: this is no address; it has to be like ${EXAMPLE}.`);
  }
  const { protocol, hostname, port, pathname, username, password } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new UsageError(`${source}: '${protocol}//' is no queue; it has to be like ${EXAMPLE}.`);
  }
  const db = Number(pathname.slice(1) || '0');
  if (!Number.isInteger(db) || db < 0 || hostname === '') {
    throw new UsageError(
      `${source}: behind the host stands the number of a database, as in redis://host:6379/0.`,
    );
  }
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  return {
    ...{ host, port: Number(port || '6379'), db, tls: protocol === 'rediss:' },
    ...(username === '' ? {} : { username: decoded(username, source) }),
    ...(password === '' ? {} : { password: decoded(password, source) }),
    shown: `${protocol}//${hostname}:${port || '6379'}${db === 0 ? '' : `/${db}`}`,
  };
}

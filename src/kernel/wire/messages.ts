/** Messages of the Jupyter protocol, and their signed form on the wire. */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** The connection file that Jupyter hands to a kernel. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  /** How messages are signed: hmac-sha256, also where it is missing. */
  readonly signature_scheme?: string;
}

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
  /** The subshell that a request is for; the main shell where it is missing. */
  readonly subshell_id?: string | null;
}

export type Content = Readonly<Record<string, unknown>>;

/** The sockets that requests come through. */
export type Channel = 'shell' | 'control' | 'stdin';

export interface Message {
  readonly channel: Channel;
  /** ZeroMQ's routing prefix: whom a reply goes to. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly parent: Partial<Header>;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

/** What is to be sent. */
export interface Outgoing {
  readonly type: string;
  readonly content: Content;
  /** The kernel's session: one id for all that a process sends. */
  readonly session: string;
  /** The header of the request that this answers or accompanies. */
  readonly parent?: Partial<Header> | undefined;
  readonly metadata?: Content | undefined;
  readonly buffers?: readonly Uint8Array[] | undefined;
  /** Whom it goes to, or the topic on iopub. */
  readonly identities?: readonly (Uint8Array | string)[] | undefined;
  /** Its own id, where the sender has to know it. */
  readonly id?: string | undefined;
}

/** One part of a message on the wire. */
export type Frame = Uint8Array | string;

/** The version of the messaging protocol that the kernel speaks. */
export const PROTOCOL = '5.5';

const DELIMITER = '<IDS|MSG>';

/** Signatures are remembered up to this many, as Jupyter's own clients do. */
const REMEMBERED = 1 << 16;

/** The signatures of the latest messages: one that comes again is a replay. */
export class Signatures {
  private readonly seen = new Set<string>();
  private readonly limit: number;

  constructor(limit = REMEMBERED) {
    this.limit = limit;
  }

  /** Remembers a signature; false where it was there already. */
  add(signature: string): boolean {
    if (this.seen.has(signature)) return false;
    // A set keeps the order of insertion: its first value is the oldest.
    if (this.seen.size >= this.limit) for (const oldest of this.seen) if (this.seen.delete(oldest)) break;
    this.seen.add(signature);
    return true;
  }
}

const sign = (key: string, parts: readonly Frame[]): string =>
  key === '' ? '' : parts.reduce((hash, part) => hash.update(part), createHmac('sha256', key)).digest('hex');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (frame: Uint8Array): unknown => JSON.parse(Buffer.from(frame).toString());

/** Header fields that a client may leave out are filled in; undefined where one is missing that cannot be. */
function headerOf(value: unknown): Header | undefined {
  if (!isObject(value)) return undefined;
  const { msg_id, msg_type, session, username = '', date = '', version = '', subshell_id } = value;
  if (typeof msg_id !== 'string' || typeof msg_type !== 'string' || typeof session !== 'string')
    return undefined;
  if (typeof username !== 'string' || typeof date !== 'string' || typeof version !== 'string')
    return undefined;
  if (subshell_id !== undefined && subshell_id !== null && typeof subshell_id !== 'string') return undefined;
  // It is echoed in every message that answers it, to all clients: what is not flat could be too deep for them.
  const flat = Object.entries(value).filter(([, field]) => typeof field !== 'object' || field === null);
  return { ...Object.fromEntries(flat), msg_id, msg_type, session, username, date, version };
}

/** Copies, so that the frames can be posted to another thread without what lies beside them in memory. */
const copyOf = (frame: Uint8Array): Uint8Array => new Uint8Array(frame);

/**
 * A message of the wire's frames. Undefined where they are none of ours: malformed, signed with another key, or
 * seen before. An empty key means that messages are not signed.
 */
export function decode(
  key: string,
  frames: readonly Uint8Array[],
  channel: Channel = 'shell',
  seen?: Signatures,
): Message | undefined {
  const at = frames.findIndex((frame) => Buffer.from(frame).toString('latin1') === DELIMITER);
  const [signature, header, parent, metadata, content] = frames.slice(at + 1);
  if (at < 0 || !signature || !header || !parent || !metadata || !content) return undefined;
  if (key !== '') {
    const expected = sign(key, [header, parent, metadata, content]);
    const given = Buffer.from(signature);
    if (given.length !== expected.length || !timingSafeEqual(given, Buffer.from(expected))) return undefined;
    if (seen && !seen.add(expected)) return undefined;
  }
  try {
    const head = headerOf(parse(header));
    const body = parse(content);
    if (!head || !isObject(body)) return undefined;
    const above = parse(parent);
    const about = parse(metadata);
    return {
      channel,
      identities: frames.slice(0, at).map(copyOf),
      header: head,
      parent: isObject(above) ? above : {},
      metadata: isObject(about) ? about : {},
      content: body,
      buffers: frames.slice(at + 6).map(copyOf),
    };
  } catch {
    return undefined;
  }
}

/**
 * JSON that every client can read: no half of a surrogate pair, which Python parses but cannot encode again, and
 * text in place of integers that have no form in JSON.
 */
function stringify(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    text = JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? part.toString() : part,
    );
  }
  // V8 escapes halves, and only those: in lower case.
  return text.includes('\\ud')
    ? text.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
        escape.startsWith('\\ud') ? '\ufffd' : escape,
      )
    : text;
}

/** The signed frames of a message. Throws where its content has no form in JSON (a circular object). */
export function encode(key: string, outgoing: Outgoing): Frame[] {
  const { type, content, session, parent = {}, metadata = {}, buffers = [], identities = [] } = outgoing;
  const header: Header = {
    msg_id: outgoing.id ?? randomUUID(),
    msg_type: type,
    session,
    username: 'kernel',
    date: new Date().toISOString(),
    version: PROTOCOL,
  };
  const parts = [header, parent, metadata, content].map(stringify);
  return [...identities, DELIMITER, sign(key, parts), ...parts, ...buffers];
}

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
}

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

export type Content = Readonly<Record<string, unknown>>;

/** A message of the Jupyter protocol, without its binary buffers. */
export interface Message {
  /** ZeroMQ's routing prefix: whom a reply goes to, or the topic on iopub. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly parent: Partial<Header>;
  readonly content: Content;
}

/** The version of the messaging protocol that the kernel speaks. */
export const PROTOCOL = '5.3';

const DELIMITER = '<IDS|MSG>';

const sign = (key: string, parts: readonly (Buffer | string)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHmac('sha256', key)).digest('hex');

/** A message of the wire's frames; undefined where they are none of ours: malformed, or signed with another key. */
export function decode(key: string, frames: readonly Buffer[]): Message | undefined {
  const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
  const [signature, header, parent, metadata, content] = frames.slice(at + 1);
  if (at < 0 || !signature || !header || !parent || !metadata || !content) return undefined;
  const expected = Buffer.from(sign(key, frames.slice(at + 2)));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined;
  try {
    const message = {
      identities: frames.slice(0, at),
      header: JSON.parse(header.toString()) as Header,
      parent: JSON.parse(parent.toString()) as Partial<Header>,
      content: JSON.parse(content.toString()) as Content,
    };
    return typeof message.header.msg_type === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The signed frames of a message that answers or accompanies `parent`. */
export function encode(
  key: string,
  parent: Message,
  type: string,
  content: Content,
  identities: readonly (Buffer | string)[] = parent.identities,
): (Buffer | string)[] {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: type,
    session: parent.header.session,
    username: parent.header.username,
    date: new Date().toISOString(),
    version: PROTOCOL,
  };
  const parts = [header, parent.header, {}, content].map((part) => JSON.stringify(part));
  return [...identities, DELIMITER, sign(key, parts), ...parts];
}

/** Where the sockets are bound. */
import { isIPv6 as isIP6 } from 'node:net';

import type { Connection } from './messages.ts';

export const isIPv6 = (ip: string): boolean => isIP6(ip);

const isLoopback = (ip: string): boolean =>
  /^127(\.\d{1,3}){3}$/.test(ip) || ip === '::1' || ip === 'localhost';

/**
 * Refuses addresses that others can reach: messages are signed, but not encrypted, and whoever can send one runs
 * code here.
 */
export function checkAddress({ transport, ip }: Connection, env: NodeJS.ProcessEnv = process.env): void {
  if (transport === 'ipc') return;
  if (transport !== 'tcp') throw new Error(`the transport ${transport} is not supported: tcp or ipc`);
  if (isLoopback(ip) || env['MSL_KERNEL_REMOTE'] === '1') return;
  throw new Error(
    `the kernel listens on this machine only (127.0.0.1, ::1, localhost, or ipc), not on ${ip}. ` +
      'To let others reach it, set MSL_KERNEL_REMOTE=1: messages are signed, but not encrypted.',
  );
}

const PORTS = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;

/** Refuses a connection that is incomplete or that the kernel cannot serve; the error names the field. */
export function checkConnection(connection: Connection, env: NodeJS.ProcessEnv = process.env): void {
  // What a file holds may be anything.
  const given: unknown = connection;
  if (typeof given !== 'object' || given === null) throw new Error('it holds no connection');
  const { transport, ip, key, signature_scheme: scheme = 'hmac-sha256' } = connection;
  for (const [name, value] of Object.entries({ transport, ip, key }))
    if (typeof value !== 'string') throw new Error(`${name} is missing or no text`);
  checkAddress(connection, env);
  if (scheme !== 'hmac-sha256')
    throw new Error(`signature_scheme ${JSON.stringify(scheme)} is not supported: hmac-sha256`);
  if (key === '' && env['MSL_KERNEL_UNSIGNED'] !== '1')
    throw new Error(
      'key is empty: messages would not be signed, and whoever reaches a port could run code here. ' +
        'To allow that, set MSL_KERNEL_UNSIGNED=1.',
    );
  for (const name of PORTS) {
    const port: unknown = connection[name];
    if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65535)
      throw new Error(
        `${name} is ${port === undefined ? 'missing' : JSON.stringify(port)}, not a port (1 to 65535)`,
      );
  }
}

/** The endpoint of a port; with ipc, ports are parts of file names. */
export function addressOf({ transport, ip }: Connection, port: number): string {
  if (transport === 'ipc') return `ipc://${ip}-${port}`;
  return `tcp://${isIPv6(ip) ? `[${ip}]` : ip}:${port}`;
}

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

/** The endpoint of a port; with ipc, ports are parts of file names. */
export function addressOf({ transport, ip }: Connection, port: number): string {
  if (transport === 'ipc') return `ipc://${ip}-${port}`;
  return `tcp://${isIPv6(ip) ? `[${ip}]` : ip}:${port}`;
}

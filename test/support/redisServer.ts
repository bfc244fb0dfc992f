import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** Why there is no server to test with; `false` where there is one. */
export const NO_REDIS: string | false =
  spawnSync('redis-server', ['--version']).status === 0 ? false : 'redis-server is not installed';

export const PASSWORD = 'not-for-logs';

/** A Redis server on loopback, with a password, that writes down what it knows. */
export interface TestRedis {
  readonly port: number;
  /** With the password. */
  readonly url: string;
  /** Stops it as a failing machine does, and starts it again with what it had written down. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param extra further arguments of redis-server */
export async function startRedis(...extra: string[]): Promise<TestRedis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-redis-'));
  let port: number;
  let started: ChildProcess | undefined;
  // Between the look for a port and the server somebody else may have taken it.
  for (let tries = 0; ; tries++) {
    port = await freePort();
    started = await start(folder, port, extra);
    if (started !== undefined) break;
    if (tries === 5) throw new Error('redis-server does not start');
  }
  let server = started;
  const stop = async (): Promise<void> => {
    const ended = once(server, 'close');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    port,
    url: `redis://:${PASSWORD}@127.0.0.1:${port}`,
    restart: async () => {
      await stop();
      for (let tries = 0; ; tries++) {
        started = await start(folder, port, extra);
        if (started !== undefined) break;
        // A client that looks for the server may have got its port as its own, for a moment.
        if (tries === 50) throw new Error('redis-server does not start again');
        await setTimeout(100);
      }
      server = started;
    },
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The server once it is ready; `undefined` where it ended before. */
async function start(
  folder: string,
  port: number,
  extra: readonly string[],
): Promise<ChildProcess | undefined> {
  const server = spawn(
    'redis-server',
    [
      ...(extra.includes('--tls-cert-file') ? ['--port', '0', '--tls-port'] : ['--port']),
      ...[String(port), '--bind', '127.0.0.1', '--dir', folder, '--requirepass', PASSWORD],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', ...extra],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let ready = false;
  for await (const line of createInterface({ input: server.stdout })) {
    ready = line.includes('Ready to accept connections');
    if (ready) break;
  }
  server.stdout.resume();
  return ready ? server : undefined;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

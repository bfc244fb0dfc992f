import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

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
  const port = await freePort();
  let server = await start(folder, port, extra);
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
      server = await start(folder, port, extra);
    },
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function start(folder: string, port: number, extra: readonly string[]): Promise<ChildProcess> {
  const server = spawn(
    'redis-server',
    [
      ...(extra.includes('--tls-cert-file') ? ['--port', '0', '--tls-port'] : ['--port']),
      ...[String(port), '--bind', '127.0.0.1', '--dir', folder, '--requirepass', PASSWORD],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', ...extra],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  return server;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

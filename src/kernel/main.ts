/** The kernel: a Jupyter server for TypeScript cells, built on tslab. Started by start.cjs. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { createBridge, installBridge } from './bridge.ts';
import type { ControlData, ControlEvent } from './control.ts';
import { stopFlag } from './loops.ts';
import type { Connection } from './messages.ts';
import { captureStreams } from './output.ts';
import { findProject } from './project.ts';
import { Server } from './server.ts';
import { createSession, type Session } from './session.ts';
import { zeromqFile } from './tslab.ts';

/** How often the kernel looks whether the process that started it is still there, in milliseconds. */
const PARENT_CHECK = 2000;

/** How long closed sockets get to send what they hold, in milliseconds. */
const CLOSING = 50;

/**
 * The compiler is started when clients have been silent for so long, in milliseconds, or at their first question to it.
 * They greet a new kernel several times: until outputs reach them, which they look at for 200 ms.
 */
const SILENCE = 300;

const [, , connectionFile] = process.argv;
if (connectionFile === undefined) {
  process.stderr.write('usage: node start.cjs CONNECTION_FILE (Jupyter starts it; try npm run lab)\n');
  process.exit(2);
}
const connection = JSON.parse(fs.readFileSync(connectionFile, 'utf8')) as Connection;

let ending = false;
let session: Session | undefined;
const server = new Server(connection, () => (session ??= createSession(findProject(process.cwd()))));

function serveControl(): void {
  const workerData: ControlData = { connection, stopFlag, zeromq: zeromqFile };
  const control = new Worker(createRequire(import.meta.url).resolve('./start.cjs'), { workerData });
  control.unref();
  control.on('message', (event: ControlEvent) => {
    if (event === 'interrupt') session?.interrupt();
    else void shutdown();
  });
}

async function shutdown(): Promise<void> {
  ending = true;
  server.close(); // the addon aborts where sockets are open at the end
  session?.close();
  await wait(CLOSING);
  process.exit(0);
}

/** For an end that the control thread does not know of: its socket is open, for which the addon would wait. */
function endAtOnce(): void {
  server.output()?.flush();
  server.close();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, CLOSING);
  process.kill(process.pid, 'SIGKILL');
}

/** Ends a kernel that its notebook server left behind. */
function endWithParent(parent: number): void {
  setInterval(() => {
    try {
      process.kill(parent, 0);
    } catch {
      endAtOnce();
    }
  }, PARENT_CHECK).unref();
}

process.on('SIGINT', () => session?.interrupt());
process.on('exit', () => {
  if (!ending) endAtOnce();
});
captureStreams(server.output);
installBridge(createBridge(server.output, (prompt, password) => server.ask(prompt, password)));
const parent = Number(process.env['JPY_PARENT_PID']);
if (parent > 1) endWithParent(parent);

async function main(): Promise<void> {
  serveControl();
  await server.start();
  await server.greeted;
  while (performance.now() - server.lastRequest < SILENCE) await wait(SILENCE);
  session ??= createSession(findProject(process.cwd()));
}

void main();

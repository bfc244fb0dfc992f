/** The thread that talks to clients. */
import { workerData } from 'node:worker_threads';

import { serveSockets, type SocketsData } from '../wire/sockets.ts';

serveSockets(workerData as SocketsData).catch((error: unknown) => {
  // Thrown on the main thread, which ends with it.
  setImmediate(() => {
    throw error;
  });
});

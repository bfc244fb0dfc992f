/** The sockets thread of the kernel that the tests start. */
import { workerData } from 'node:worker_threads';

import { serveSockets, type SocketsData } from '../../../../src/kernel/wire/sockets.ts';

void serveSockets(workerData as SocketsData);

export { QUEUE_VARIABLE } from '../processes/childEnvironment.ts';
export { parseQueueUrl, queueAddress, type QueueAddress } from './address.ts';
export { codeVersion, type CodeVersion } from './codeVersion.ts';
export { runOnQueue, type QueueOptions } from './coordinator.ts';
export { startWorker, type WorkerOptions } from './worker.ts';
export { watchQueue, type QueueState, type QueueView, type QueueWatch } from './status.ts';

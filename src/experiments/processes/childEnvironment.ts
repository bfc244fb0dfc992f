/** The environment variable for addresses of queues, passwords included. */
export const QUEUE_VARIABLE = 'MSL_QUEUE';

/** The environment of a process that does a task: without the queue's password, which it has no use for. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, [QUEUE_VARIABLE]: undefined };
}

// @ts-check
/**
 * Loaded into the processes of runs by {@link https://nodejs.org/api/cli.html#--importmodule --import}: a run that has told of
 * an epoch holds still, until it is killed or the process that started it is gone. Whoever kills it in the middle of its work
 * need not be quicker than it is.
 *
 * `MSL_TEST_HOLD` is JSON: `epoch`, where it is not any; `folder` of the run, where it is not any.
 */
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const wanted = process.env['MSL_TEST_HOLD'];
if (wanted !== undefined && isMainThread && process.send !== undefined) {
  /** @type {{ readonly epoch?: number, readonly folder?: string }} */
  const { epoch, folder } = JSON.parse(wanted);
  const parent = process.ppid;
  /** @type {string | undefined} */
  let own;

  const on = process.on.bind(process);
  process.on = /** @type {typeof process.on} */ (
    (/** @type {string} */ event, /** @type {(...values: any[]) => void} */ listener) =>
      on(
        event,
        event !== 'message'
          ? listener
          : (message, ...rest) => {
              own ??= message.task?.folder;
              listener(message, ...rest);
            },
      )
  );

  const send = process.send.bind(process);
  process.send = /** @type {typeof process.send} */ (
    (/** @type {any} */ message, /** @type {any[]} */ ...rest) => {
      const sent = send(message, ...rest);
      if (message.kind === 'epoch' && message.record.epoch === (epoch ?? message.record.epoch)) {
        if (own === (folder ?? own)) hold();
      }
      return sent;
    }
  );

  const hold = () => {
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    while (process.ppid === parent) Atomics.wait(nothing, 0, 0, 50);
    process.kill(process.pid, 'SIGKILL');
  };
}

// @ts-check
/**
 * Loaded into a command by {@link https://nodejs.org/api/cli.html#--importmodule --import}: it gets a signal once its run has
 * recorded two epochs. From outside it might have ended before somebody sees that.
 *
 * `MSL_TEST_SIGNAL` is JSON: the `signal`, and the file of the `metrics`.
 */
import fs from 'node:fs';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const wanted = process.env['MSL_TEST_SIGNAL'];
if (wanted !== undefined && isMainThread) {
  /** @type {{ readonly signal: NodeJS.Signals, readonly metrics: string }} */
  const { signal, metrics } = JSON.parse(wanted);
  const timer = setInterval(() => {
    if (!fs.existsSync(metrics) || fs.readFileSync(metrics, 'utf8').split('\n').length <= 2) return;
    clearInterval(timer);
    process.kill(process.pid, signal);
  }, 20);
  timer.unref();
}

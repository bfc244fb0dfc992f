import { ChildProcess } from 'node:child_process';

/**
 * Tells of the processes that are started to run beside a cell (`spawn` and its like): an interrupt of a cell that is
 * blocked leaves them alone. Those for which a call waits (`execSync`) are never seen here.
 *
 * @param tell is told before the code goes on that has started a process, and when that has ended
 */
export function watchChildren(tell: (id: number, running: boolean) => void): void {
  // Its own method: the events of a process come only when the code that started it gives way.
  const prototype = ChildProcess.prototype as unknown as { spawn: (options: unknown) => unknown };
  const { spawn } = prototype;
  prototype.spawn = function (this: ChildProcess, options) {
    const result = spawn.call(this, options);
    const { pid } = this;
    if (pid !== undefined) {
      tell(pid, true);
      this.once('exit', () => {
        tell(pid, false);
      });
    }
    return result;
  };
}

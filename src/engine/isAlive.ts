/** Whether a process with this number runs, whoever's it is; `false` for what is no number of a process. */
export function isAlive(pid: number): boolean {
  // Zero and negative numbers name groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

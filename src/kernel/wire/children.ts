import fs from 'node:fs';

/** The processes that one has started, and theirs; none where the system does not tell (not Linux). */
function descendants(id: number | 'self'): number[] {
  const tasks = `/proc/${id}/task`;
  try {
    return fs
      .readdirSync(tasks)
      .flatMap((thread) => fs.readFileSync(`${tasks}/${thread}/children`, 'utf8').split(' '))
      .map(Number)
      .filter((child) => child > 0)
      .flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // it has just ended
  }
}

/** Interrupts the processes for which main may be waiting, as Ctrl-C does in a terminal. */
export function interruptChildren(): void {
  for (const id of descendants('self')) {
    try {
      process.kill(id, 'SIGINT');
    } catch {
      // It has just ended.
    }
  }
}

import fs from 'node:fs';

/**
 * The processes that one has started, without those that are `left` out, and theirs; none where the system does not tell
 * (not Linux).
 */
function descendants(id: number | 'self', left: ReadonlySet<number>): number[] {
  const tasks = `/proc/${id}/task`;
  try {
    return fs
      .readdirSync(tasks)
      .flatMap((thread) => fs.readFileSync(`${tasks}/${thread}/children`, 'utf8').split(' '))
      .map(Number)
      .filter((child) => child > 0 && !left.has(child))
      .flatMap((child) => [child, ...descendants(child, left)]);
  } catch {
    return []; // it has just ended
  }
}

/**
 * Interrupts the processes for which main may be waiting, as Ctrl-C does in a terminal.
 *
 * @param beside those that run beside the cells: a server that an earlier one has started goes on
 */
export function interruptChildren(beside: ReadonlySet<number>): void {
  for (const id of descendants('self', beside)) {
    try {
      process.kill(id, 'SIGINT');
    } catch {
      // It has just ended.
    }
  }
}

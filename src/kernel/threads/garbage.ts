import v8 from 'node:v8';
import vm from 'node:vm';

/** A collection follows when this much was made since the last one, in bytes. */
const MADE = 16 << 20;

/**
 * Keeps a thread's memory near what it really holds. Each cell has a program of its own, whose checker is garbage half a
 * second later, and V8 lets some 200 MB of it gather before it looks. The function that is returned collects, between
 * two answers, what was made since.
 */
export function garbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc'); // contexts made from now on have it: this one alone
  const collect = vm.runInNewContext('gc') as () => void;
  v8.setFlagsFromString('--no-expose-gc');
  const used = () => v8.getHeapStatistics().used_heap_size;
  let held = used();
  return () => {
    if (used() - held < MADE) return;
    collect();
    held = used();
  };
}

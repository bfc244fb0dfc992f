/** What `%time` and `%timeit` measure, and how they say it. */
export interface Start {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** Milliseconds in a unit that fits: 1.23 µs, 45.6 ms, 1 min 5 s. */
export function describeDuration(milliseconds: number): string {
  if (milliseconds >= 60_000) {
    const seconds = Math.round(milliseconds / 1000);
    const minutes = Math.floor(seconds / 60);
    return minutes >= 60
      ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
      : `${minutes} min ${seconds % 60} s`;
  }
  for (const [unit, size] of [
    ['s', 1000],
    ['ms', 1],
    ['µs', 1e-3],
  ] as const) {
    if (milliseconds >= size) return `${Number((milliseconds / size).toPrecision(3))} ${unit}`;
  }
  return milliseconds === 0 ? '0 s' : `${Number((milliseconds / 1e-6).toPrecision(3))} ns`;
}

/** How long it has been since a start. */
export function timed({ at, cpu }: Start, promised: boolean): string {
  const wall = performance.now() - at;
  const { user, system } = process.cpuUsage(cpu);
  const [own, kernel, total] = [user, system, user + system].map((us) => describeDuration(us / 1000));
  const note = promised ? ' until it returned a promise; `%time await ...` waits for it' : '';
  return `CPU times: user ${own!}, sys ${kernel!}, total ${total!}\nWall time: ${describeDuration(wall)}${note}`;
}

/** A measurement takes about this long, in milliseconds, where the number of loops is not given. */
const ENOUGH = 200;
const REPEATS = 7;
/** Between measurements of a synchronous statement the kernel looks for an interrupt. */
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Runs a statement many times, at least once in each of the repeats. Mean and standard deviation over the repeats, each a mean over the loops. */
export async function measure(
  statement: () => unknown,
  options: { readonly loops?: number | undefined; readonly repeats?: number | undefined },
): Promise<string> {
  const time = async (loops: number): Promise<number> => {
    const began = performance.now();
    for (let i = 0; i < loops; i++) {
      const value = statement();
      if (value instanceof Promise) await value;
    }
    return performance.now() - began;
  };
  let loops = options.loops ?? 1;
  if (options.loops === undefined) {
    while ((await time(loops)) < ENOUGH && loops < 1e7) {
      loops *= 10;
      await nextTurn();
    }
  }
  const repeats = options.repeats ?? REPEATS;
  const means: number[] = [];
  for (let i = 0; i < repeats; i++) {
    means.push((await time(loops)) / loops);
    await nextTurn();
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / repeats;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / repeats;
  return (
    `${describeDuration(mean)} ± ${describeDuration(Math.sqrt(variance))} per loop ` +
    `(mean ± std. dev. of ${repeats} ${repeats === 1 ? 'run' : 'runs'}, ${loops.toLocaleString('en')} ${loops === 1 ? 'loop' : 'loops'} each)`
  );
}

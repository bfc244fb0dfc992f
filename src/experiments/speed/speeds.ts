import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { type Engine, loadEngine, makeFolder } from '../../engine/index.ts';
import { multiplyAdds, type Network } from '../../models/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import type { Specification } from '../specification/index.ts';
import { LARGEST_MEASURED, measureSpeed } from './measure.ts';

/** How fast this machine trains a network. */
export interface Speed {
  readonly imagesPerSecond: number;
  /** `measured`: by a few steps, once; `estimated`: from the multiply-adds of a measured one, for networks that are too large. */
  readonly how: 'measured' | 'estimated';
}

/** Speeds of this machine, kept in a file: what was measured is not measured again. */
export interface Speeds {
  readonly of: (specification: Specification, network: Network) => Promise<Speed>;
}

interface Entry {
  readonly network: string;
  readonly imagesPerSecond: number;
  readonly multiplyAdds: number;
  readonly measuredAt: string;
  /** What it was measured with, as {@link setupOf} says; earlier versions did not write it. */
  readonly setup?: string;
}

/** Multiply-adds of the measured network from which those of larger ones are estimated, at least. */
const ESTIMATED_FROM = 5e6;

/**
 * @param file where speeds are kept; removed or damaged, they are measured again
 * @param onMeasure called before a measurement, which takes seconds
 */
export function speedsIn(file: string, onMeasure: (network: string) => void = () => undefined): Speeds {
  let known = readEntries(file);
  const measured = async (specification: Specification, network: Network): Promise<Entry> => {
    const { batchSize, precision, threads } = specification;
    const engine = await loadEngine({ threads });
    const key = keyOf(specification, network, engine);
    const there = known[key];
    if (there !== undefined) return there;
    const name = `${network.name}, images of ${network.imageShape.join(' x ')}`;
    onMeasure(name);
    const entry: Entry = {
      network: name,
      imagesPerSecond: await measureSpeed(network, { batchSize, precision }),
      multiplyAdds: multiplyAdds(network),
      measuredAt: new Date().toISOString(),
      setup: setupOf(specification),
    };
    // Another process may have measured meanwhile.
    known = { ...known, ...readEntries(file), [key]: entry };
    makeFolder(path.dirname(file));
    writeFileAtomic(file, `${JSON.stringify(known, null, 2)}\n`);
    return entry;
  };
  return {
    of: async (specification, network) => {
      const cost = multiplyAdds(network);
      if (cost <= LARGEST_MEASURED) {
        return { imagesPerSecond: (await measured(specification, network)).imagesPerSecond, how: 'measured' };
      }
      const entries = Object.values(known).filter((entry) => entry.multiplyAdds >= ESTIMATED_FROM);
      const alike = entries.filter(({ setup }) => setup === setupOf(specification));
      // The larger the network, the nearer the machine comes to its peak: the largest one says most.
      const largest = (alike.length > 0 ? alike : entries).reduce<Entry | undefined>(
        (a, b) => (a === undefined || b.multiplyAdds > a.multiplyAdds ? b : a),
        undefined,
      );
      const rate = largest === undefined ? undefined : largest.imagesPerSecond * largest.multiplyAdds;
      if (rate === undefined) {
        return { imagesPerSecond: (await measured(specification, network)).imagesPerSecond, how: 'measured' };
      }
      return { imagesPerSecond: rate / cost, how: 'estimated' };
    },
  };
}

/** What the file holds; what cannot be read, or is no entry, is as if it were not there. */
function readEntries(file: string): Readonly<Record<string, Entry>> {
  if (!existsSync(file)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
  const entries = Object.entries((content ?? {}) as Record<string, Partial<Entry> | null>);
  const isRate = (value: unknown): boolean => typeof value === 'number' && value > 0;
  return Object.fromEntries(
    entries.filter(([, entry]) => isRate(entry?.imagesPerSecond) && isRate(entry?.multiplyAdds)),
  ) as Record<string, Entry>;
}

/** The machine, and how it computes: speeds of other ones say less. */
function setupOf({ precision, threads }: Specification): string {
  const cpus = os.cpus();
  return `${cpus.length} x ${cpus[0]?.model ?? 'unknown'}, ${threads} threads, ${precision}`;
}

/** Everything that a speed depends on. */
function keyOf(
  { network: options, batchSize, precision }: Specification,
  { imageShape }: Network,
  { name, version, threads }: Engine,
): string {
  const cpus = os.cpus();
  const machine = [cpus[0]?.model, cpus.length, name, version, threads];
  return createHash('sha256')
    .update(JSON.stringify([machine, options, imageShape, batchSize, precision]))
    .digest('hex')
    .slice(0, 16);
}

import { spread, type Spread } from './statistics.ts';
import type { SectionResult, VariantResult } from './section.ts';

/** A ratio of two variants' training speed, and what it should be. */
export interface Ratio {
  readonly what: string;
  /** Names of the two variants. */
  readonly of: readonly [string, string];
  /** Of the medians. */
  readonly value: number;
  /** Of the ratios of single rounds. */
  readonly rounds: Spread;
  readonly target: number;
  readonly met: boolean;
}

interface Target {
  readonly what: string;
  readonly section: string;
  readonly variant: string;
  /** Which it is compared with: the fastest of those. */
  readonly against: (variant: VariantResult) => boolean;
  readonly target: number;
}

const TARGETS: readonly Target[] = [
  {
    what: 'float32 graph against the best float32 PyTorch',
    ...{ section: 'reference', variant: 'graph', target: 1.15 },
    against: ({ name, precision }) => name.startsWith('torch') && precision === 'float32',
  },
  {
    what: 'float32 graph against Python tf.function',
    ...{ section: 'reference', variant: 'graph', target: 1 },
    against: ({ name }) => name === 'tf-function',
  },
  {
    what: 'bfloat16 graph against the best bfloat16 PyTorch',
    ...{ section: 'reference', variant: 'graph-bfloat16', target: 1.2 },
    against: ({ name, precision }) => name.startsWith('torch') && precision === 'bfloat16',
  },
  {
    what: 'float32 graph against the stock eager tfjs-node step',
    ...{ section: 'reference', variant: 'graph', target: 5 },
    against: ({ name }) => name === 'eager',
  },
  {
    what: 'whole training loop with augmentation against the bare step',
    ...{ section: 'loop', variant: 'loop', target: 0.95 },
    against: ({ name }) => name === 'step',
  },
  {
    what: 'wasm against the cpu backend',
    ...{ section: 'javascript', variant: 'wasm', target: 60 },
    against: ({ name }) => name === 'cpu',
  },
];

/** The ratios that can be formed of what was measured; only variants of one section, which took turns, are compared. */
export function ratios(sections: readonly SectionResult[]): Ratio[] {
  return TARGETS.flatMap(({ what, section, variant, against, target }) => {
    const measured = sections.find(({ name }) => name === section)?.variants ?? [];
    const subject = measured.find(({ name }) => name === variant);
    const rival = measured.filter(against).sort((a, b) => b.train.median - a.train.median)[0];
    if (subject === undefined || rival === undefined) return [];
    const value = subject.train.median / rival.train.median;
    const rounds = spread(subject.trainRounds.map((speed, i) => speed / rival.trainRounds[i]!));
    return [{ what, of: [subject.name, rival.name], value, rounds, target, met: value >= target }];
  });
}

import { UsageError } from '../../engine/index.ts';
import { align } from '../../measures/index.ts';
import type { Rows } from '../rows.ts';
import { embed, embedStacked, requireLabels, type EmbedOptions } from './embed.ts';
import type { Embedding } from './methods.ts';

/** How several embeddings share one space. */
export const SHARED_SPACES = ['start', 'joint', 'none'] as const;

export type SharedSpace = (typeof SHARED_SPACES)[number];

/** Features of the same images: of a layer, an epoch, an arm. */
export interface FeatureSet {
  readonly name: string;
  readonly features: Rows;
  /** The name of the set before that its points start at and are turned onto; default: the set before it. */
  readonly reference?: string | undefined;
}

/** What {@link embedTogether} needs. */
export interface EmbedTogetherOptions extends Omit<EmbedOptions, 'features' | 'init'> {
  readonly sets: readonly FeatureSet[];
  /**
   * `start` (default): each starts at the points of its reference and is turned, and mirrored, onto them; their
   * dimensions may differ. `joint`: the rows of all in one fit, which they must have the same dimension for; positions
   * are then the same everywhere, and each set's quality is of its own rows. `none`: each for itself.
   */
  readonly space?: SharedSpace | undefined;
}

/**
 * Embeds several sets of features of the same images so that pictures can be compared, and animated.
 *
 * @returns one embedding a set, in their order
 * @throws as {@link embed} does, and {@link UsageError} where sets do not fit each other
 */
export async function embedTogether(options: EmbedTogetherOptions): Promise<Embedding[]> {
  const { sets, space = 'start', labels } = options;
  for (const { name, features } of sets) requireLabels(name, features, labels);
  return space === 'joint' ? await jointly(options) : await oneByOne(options, space === 'start');
}

async function oneByOne(options: EmbedTogetherOptions, isShared: boolean): Promise<Embedding[]> {
  const { sets, labels, progress, label, ...rest } = options;
  const embeddings: Embedding[] = [];
  for (const [i, { name, features, reference }] of sets.entries()) {
    const at = reference === undefined ? i - 1 : sets.findIndex((set) => set.name === reference);
    if (reference !== undefined && (at < 0 || at >= i)) {
      throw new UsageError(`${name}: its reference '${reference}' is none of the sets before it.`);
    }
    const before = isShared ? embeddings[at]?.points : undefined;
    const embedding = await embed({
      ...{ ...rest, features, labels, init: before, label: name },
      progress: (report) =>
        progress?.({
          ...report,
          label: label ?? options.method,
          done: i * 100 + report.done,
          total: sets.length * 100,
          note: `${name}, ${report.note ?? ''}`,
        }),
    });
    embeddings.push(
      before === undefined ? embedding : { ...embedding, points: align(embedding.points, before) },
    );
  }
  return embeddings;
}

async function jointly({ sets, labels, ...rest }: EmbedTogetherOptions): Promise<Embedding[]> {
  const dim = sets[0]?.features.dim ?? 1;
  const other = sets.find(({ features }) => features.dim !== dim);
  if (other !== undefined) {
    throw new UsageError(
      `${other.name} has ${other.features.dim} features and ${sets[0]!.name} has ${dim}; a joint fit needs equally many. ` +
        "Use the space 'start'.",
    );
  }
  const n = labels.length;
  const values = new Float32Array(sets.length * n * dim);
  for (const [i, { features }] of sets.entries()) values.set(features.values, i * n * dim);
  const all = Int32Array.from({ length: sets.length * n }, (_, at) => labels[at % n]!);
  return await embedStacked({ ...rest, features: { values, dim }, labels: all }, sets.length);
}

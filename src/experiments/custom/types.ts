/** Parts of the user's own. */
import type { DerivedMaps, OptionDescriptions } from '../../losses/index.ts';
import type { Network } from '../../models/index.ts';

/** What a specification records of a part of the user's own. */
export interface CustomPart {
  readonly kind: 'loss' | 'tap' | 'network';
  readonly name: string;
  /** From the working directory; `null` for one that a cell registered, which runs in its process only. */
  readonly file: string | null;
  /** Of the file; of a cell's part, of the text of its functions. */
  readonly sha256: string;
}

/** A place to attach losses: maps computed from those of one of the network's taps. */
export interface CustomTap extends DerivedMaps {
  readonly name: string;
}

/** A network with options as a specification has them. */
export interface CustomNetwork<Options extends object = object> {
  readonly name: string;
  readonly options: OptionDescriptions<Options>;
  build(
    of: { readonly imageShape: readonly [number, number, number]; readonly classes: number },
    options: Required<Options>,
  ): Network;
}

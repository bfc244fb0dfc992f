import { tf } from '../tf.ts';

/** What the engine keeps of a pass that is to be differentiated; `null` where there is none, which its type denies. */
interface Tape {
  readonly gradientDepth: number;
  activeTape: readonly { readonly saved?: readonly tf.Tensor[] }[] | null;
}

/**
 * Runs `body`. Where it fails, the tensors that TensorFlow.js keeps for the gradients are freed: it frees them when it has
 * computed those, and else never, so that each attempt that fails would hold the activations of a batch for good.
 */
export function freeingFailedTape<T>(body: () => T): T {
  const tape = tf.engine().state as unknown as Tape;
  try {
    return body();
  } catch (error) {
    // A pass that is differentiated from outside is not over.
    if (tape.gradientDepth === 0) {
      for (const { saved = [] } of tape.activeTape ?? []) tf.dispose([...saved]);
      tape.activeTape = null;
    }
    throw error;
  }
}

/**
 * TensorFlow.js, where a cell has loaded it, after its code was ended from outside: the scopes of `tf.tidy` and the
 * gradient that were open are closed, as their `finally` blocks would have done. Seen from outside, as the library
 * leaves it in a global; nothing is imported.
 */

/** What is read of the library's engine. */
interface Engine {
  readonly state: {
    readonly scopeStack: readonly unknown[];
    gradientDepth: number;
    kernelDepth: number;
    activeTape: readonly { readonly saved?: readonly { dispose(): void }[] | null }[] | null;
  };
  endScope(): void;
}

/** How many scopes were open when the cell began: one may leave some open for the next. */
export function openScopes(): number {
  return engine()?.state.scopeStack.length ?? 0;
}

/** Closes the scopes beyond a number; their tensors are disposed of, as at the end of `tf.tidy`. */
export function closeScopes(beyond: number): void {
  const found = engine();
  if (!found) return;
  const { state } = found;
  state.kernelDepth = 0;
  state.gradientDepth = 0;
  dropTape();
  while (state.scopeStack.length > beyond) {
    const before = state.scopeStack.length;
    found.endScope();
    if (state.scopeStack.length >= before) return; // no engine as it is known
  }
}

/** Where a gradient has failed the library leaves what its operations have kept for it, which is in no scope. */
export function dropTape(): void {
  const { state } = engine() ?? {};
  if (!state?.activeTape || state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape) for (const tensor of saved ?? []) tensor.dispose();
  state.activeTape = null;
}

function engine(): Engine | undefined {
  const { _tfengine: found } = globalThis as {
    _tfengine?: { state?: { scopeStack?: unknown }; endScope?: unknown };
  };
  const isKnown = Array.isArray(found?.state?.scopeStack) && typeof found.endScope === 'function';
  return isKnown ? (found as unknown as Engine) : undefined;
}

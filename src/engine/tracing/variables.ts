import { tf } from '../tf.ts';
import type { TensorFlowBackend } from './backend.ts';
import { addIterations, countingIterations } from './optimizerState.ts';
import { callSite, TracingError } from './tracingError.ts';

/**
 * State that a graph function changes: variables, and the counters of optimizers.
 *
 * In a graph the value of a variable is an input, and the value that is assigned to it an output, which is put into
 * the variable after the run. The other design, resource variables inside the session that live on between calls,
 * was measured on two cores (milliseconds a step, momentum SGD, medians of interleaved rounds):
 *
 * | step                                                 | inputs and outputs | resource variables |
 * | ---------------------------------------------------- | ------------------ | ------------------ |
 * | `vgg` 16-32-64, batch 128                            | 56.6               | 55.5               |
 * | four dense layers 2048 x 2048 (16.8 million weights) | 33.0               | 33.7               |
 * | dense 32-64-10, batch 16                             | 0.35               | 0.29               |
 *
 * Neither copies: session and tensors share their buffers on a CPU. For 2 or 3 % of a real step, a variable
 * stays what it is everywhere else: eager code and other graph functions read and assign it between two calls
 * without being copied in and out of sessions (which do not share resources), all assignments happen after every
 * value is computed, and a run that fails has assigned nothing. On a GPU fed values travel with each step, and
 * resource variables would win.
 */

/** What a run of a function did to state. */
export interface StateChanges {
  /** Variables that were there before, with the tensor data that stood for each of them in the run. */
  readonly variables: ReadonlyMap<tf.Variable, object>;
  /** Those that have another value now. Holds until the state is put back. */
  readonly assigned: () => tf.Variable[];
  /** Optimizers, with the number of iterations that each of them made. */
  readonly iterations: ReadonlyMap<tf.Optimizer, number>;
}

/**
 * Runs `body` for its operations, not for its effect: afterwards variables and counters are as before. In `body`
 * every variable has tensor data of its own, so that it can be told from tensors that share its values (a clone, what
 * it was made from).
 *
 * Variables that `body` creates, such as the slots of an optimizer, keep their first value.
 *
 * @throws {TracingError} where `body` creates a variable and may not
 */
export function withoutEffect<T>(
  backend: TensorFlowBackend,
  body: (changes: StateChanges) => T,
  { mayCreate }: { readonly mayCreate: boolean },
): T {
  const engine = tf.engine();
  const originals = new Map<tf.Variable, tf.Tensor>();
  const variables = new Map<tf.Variable, object>();
  const created = new Map<tf.Variable, tf.Tensor>();
  const iterations = new Map<tf.Optimizer, number>();
  for (const variable of Object.values(engine.registeredVariables)) {
    originals.set(variable, hold(variable));
    const own = identity(backend, variable);
    variable.assign(own);
    own.dispose();
    variables.set(variable, variable.dataId);
  }
  const makeVariable = engine.makeVariable.bind(engine);
  engine.makeVariable = (...rest) => {
    if (!mayCreate) {
      throw new TracingError(
        `A graph function may create variables in its first call only, but ${callSite().place} creates one in every ` +
          'call: create it outside, or once.',
      );
    }
    const variable = makeVariable(...rest);
    created.set(variable, hold(variable));
    return variable;
  };
  const assigned = () =>
    [...variables].filter(([variable, own]) => variable.dataId !== own).map(([variable]) => variable);
  try {
    return countingIterations(
      (optimizer) => iterations.set(optimizer, (iterations.get(optimizer) ?? 0) + 1),
      () => body({ variables, assigned, iterations }),
    );
  } finally {
    Reflect.deleteProperty(engine, 'makeVariable');
    for (const [variable, value] of [...originals, ...created]) putBack(variable, value);
  }
}

/** Runs `body`; where it fails, variables and counters are afterwards as before. */
export function allOrNothing<T>(body: () => T): T {
  const originals = new Map<tf.Variable, tf.Tensor>();
  const iterations: tf.Optimizer[] = [];
  const prototype = tf.Variable.prototype as unknown as {
    assign: (this: tf.Variable, value: tf.Tensor) => void;
  };
  const assign = prototype.assign;
  prototype.assign = function (value) {
    if (!originals.has(this)) originals.set(this, hold(this));
    assign.call(this, value);
  };
  const count = (optimizer: tf.Optimizer) => {
    iterations.push(optimizer);
    addIterations(optimizer, 1);
  };
  let done = false;
  try {
    const result = countingIterations(count, body);
    done = true;
    return result;
  } finally {
    prototype.assign = assign;
    for (const [variable, value] of originals) {
      if (done) value.dispose();
      else putBack(variable, value);
    }
    if (!done) for (const optimizer of iterations) addIterations(optimizer, -1);
  }
}

function putBack(variable: tf.Variable, value: tf.Tensor): void {
  if (!variable.isDisposed) variable.assign(value);
  value.dispose();
}

/** A tensor that keeps the values of another alive, without a copy and without an operation. */
function hold(tensor: tf.Tensor): tf.Tensor {
  const engine = tf.engine();
  const { dataId, shape, dtype } = tensor;
  const held = tf.keep(engine.makeTensorFromTensorInfo({ dataId, shape, dtype }));
  engine.backend.incRef(dataId);
  return held;
}

/** The same values under tensor data of their own; they share their buffer. */
export function identity(backend: TensorFlowBackend, tensor: tf.Tensor): tf.Tensor {
  const type = backend.tensorMap.get(tensor.dataId).dtype;
  const attributes = [{ name: 'T', type: backend.binding.TF_ATTR_TYPE, value: type }];
  return backend.executeMultipleOutputs('Identity', attributes, [tensor], 1)[0]!;
}

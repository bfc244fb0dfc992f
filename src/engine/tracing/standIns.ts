import type { Binding, TensorMetadata } from './backend.ts';

/** The shape and type of an operation's output. */
export type OutputKind = Pick<TensorMetadata, 'shape' | 'dtype'>;

/**
 * Tensors of given shapes whose values nobody computed. A trace that repeats an earlier one knows what its operations
 * will give, and no value is read while a function is traced: computing a training step again would take most of the
 * time of its tracing.
 */
export interface StandIns {
  readonly make: (outputs: readonly OutputKind[]) => TensorMetadata[];
  readonly dispose: () => void;
}

export function standIns(binding: Binding): StandIns {
  // One buffer for each shape: every tensor of the shape is an Identity of it, which copies nothing.
  const originals = new Map<string, number>();
  const original = ({ shape, dtype }: OutputKind): number => {
    const key = `${dtype} ${shape.join()}`;
    const known = originals.get(key);
    if (known !== undefined) return known;
    const size = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
    const attributes = [
      { name: 'dtype', type: binding.TF_ATTR_TYPE, value: dtype },
      // Integers may be indices, which TensorFlow.js checks on the host before it gathers: 0 is one.
      { name: 'init', type: binding.TF_ATTR_BOOL, value: dtype !== binding.TF_FLOAT },
    ];
    const { id } = binding.executeOp('Empty', attributes, [size], 1)[0]!;
    binding.deleteTensor(size);
    originals.set(key, id);
    return id;
  };
  return {
    make: (outputs) =>
      outputs.map((output) => {
        const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: output.dtype }];
        return binding.executeOp('Identity', attributes, [original(output)], 1)[0]!;
      }),
    dispose: () => {
      for (const id of originals.values()) binding.deleteTensor(id);
      originals.clear();
    },
  };
}

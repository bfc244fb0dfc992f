import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bfloat16Support, vectorInstructions } from '../../src/engine/index.ts';
import type { OperationAttribute } from '../../src/engine/tracing/backend.ts';
import type { TracedNode } from '../../src/engine/tracing/trace.ts';
import { bfloat16Bytes, DT_BFLOAT16 } from '../../src/engine/precision/bfloat16.ts';
import { toBfloat16 } from '../../src/engine/precision/toBfloat16.ts';

// TensorFlow's numbers (types.proto, c_api.h).
const FLOAT = 1;
const INT32 = 3;
const NUMBERS = { TF_FLOAT: FLOAT, TF_ATTR_TYPE: 4, TF_ATTR_BOOL: 3 };
const TYPE_NAMES = new Map<unknown, string>([
  [FLOAT, 'float32'],
  [INT32, 'int32'],
  [DT_BFLOAT16, 'bfloat16'],
]);

const type = (name: string, value: number): OperationAttribute => ({
  name,
  type: NUMBERS.TF_ATTR_TYPE,
  value,
});
const operation = (name: string, op: string, inputs: string[], dtype = FLOAT): TracedNode => ({
  name,
  operation: op,
  inputs,
  attributes: [type('T', dtype)],
});
const input = (name: string, dtype = FLOAT): TracedNode => ({
  name,
  operation: 'Placeholder',
  inputs: [],
  attributes: [],
  placeholder: { shape: [1], dtype },
});
const constant = (name: string, values: number[]): TracedNode => ({
  name,
  operation: 'Const',
  inputs: [],
  attributes: [],
  constant: { shape: [values.length], dtype: FLOAT, bytes: new Uint8Array(Float32Array.from(values).buffer) },
});
/** What TensorFlow.js writes for the gradient of a product: a cast that changes nothing. */
const sameCast = (name: string, from: string): TracedNode => ({
  name,
  operation: 'Cast',
  inputs: [from],
  attributes: [type('SrcT', FLOAT), type('DstT', FLOAT)],
});
const border = (name: string, from: string, message: string): TracedNode => ({
  name,
  operation: 'PreventGradient',
  inputs: [from],
  attributes: [type('T', FLOAT), { name: 'message', type: 0, value: message }],
});

/** A graph as text, a line a node: `name = Operation type (inputs)`. */
function lowered(nodes: TracedNode[], ...outputs: string[]): { nodes: string[]; outputs: string[] } {
  const result = toBfloat16(
    { nodes, outputs: outputs.map((name) => ({ name, shape: [], dtype: FLOAT })) },
    NUMBERS,
  );
  assert.ok(result.outputs.every(({ dtype }) => dtype === FLOAT));
  return {
    nodes: result.nodes.map(({ name, operation: op, inputs, attributes, constant: value }) => {
      const of = (wanted: string) => TYPE_NAMES.get(attributes.find((a) => a.name === wanted)?.value);
      const t = value ? TYPE_NAMES.get(value.dtype) : op === 'Cast' ? `${of('SrcT')}>${of('DstT')}` : of('T');
      return [name, '=', op, ...(t === undefined ? [] : [t]), ...inputs].join(' ');
    }),
    outputs: result.outputs.map(({ name }) => name),
  };
}

describe('toBfloat16', () => {
  test('a convolution takes bfloat16, what follows it stays there, the result is float32', () => {
    const result = lowered(
      [
        input('x'),
        input('w'),
        input('b'),
        operation('conv', 'Conv2D', ['x:0', 'w:0']),
        operation('biased', 'BiasAdd', ['conv:0', 'b:0']),
        operation('relu', 'Relu', ['biased:0']),
        operation('pool', 'MaxPool', ['relu:0']),
      ],
      'pool:0',
    );
    assert.deepEqual(result, {
      nodes: [
        'x = Placeholder',
        'w = Placeholder',
        'b = Placeholder',
        'x/bfloat16 = Cast float32>bfloat16 x:0',
        'w/bfloat16 = Cast float32>bfloat16 w:0',
        'conv = Conv2D bfloat16 x/bfloat16:0 w/bfloat16:0',
        'b/bfloat16 = Cast float32>bfloat16 b:0',
        'biased = BiasAdd bfloat16 conv:0 b/bfloat16:0',
        'relu = Relu bfloat16 biased:0',
        'pool = MaxPool bfloat16 relu:0',
        'pool/float32 = Cast bfloat16>float32 pool:0',
      ],
      outputs: ['pool/float32:0'],
    });
  });

  test('each value is cast once, whoever reads it, and never back', () => {
    const result = lowered(
      [
        input('x'),
        input('w'),
        operation('conv', 'Conv2D', ['x:0', 'w:0']),
        operation('mean', 'Mean', ['conv:0']),
        operation('square', 'Square', ['conv:0']),
        // Reads the float32 value that `conv` was computed from, and the bfloat16 one.
        operation('gradient', 'Conv2DBackpropFilter', ['x:0', 'sizes:0', 'conv:0']),
        operation('update', 'Mul', ['w:0', 'gradient:0']),
      ],
      'mean:0',
      'square:0',
      'conv:0',
      'update:0',
    );
    assert.deepEqual(result, {
      nodes: [
        'x = Placeholder',
        'w = Placeholder',
        'x/bfloat16 = Cast float32>bfloat16 x:0',
        'w/bfloat16 = Cast float32>bfloat16 w:0',
        'conv = Conv2D bfloat16 x/bfloat16:0 w/bfloat16:0',
        'conv/float32 = Cast bfloat16>float32 conv:0',
        'mean = Mean float32 conv/float32:0',
        'square = Square float32 conv/float32:0',
        'gradient = Conv2DBackpropFilter bfloat16 x/bfloat16:0 sizes:0 conv:0',
        'gradient/float32 = Cast bfloat16>float32 gradient:0',
        'update = Mul float32 w:0 gradient/float32:0',
      ],
      outputs: ['mean:0', 'square:0', 'conv/float32:0', 'update:0'],
    });
  });

  test('operations that change nothing are looked through, unless they wait for another', () => {
    const result = lowered(
      [
        input('x'),
        input('w'),
        sameCast('again', 'x:0'),
        operation('conv', 'Conv2D', ['again:0', 'w:0']),
        operation('same', 'Identity', ['conv:0']),
        sameCast('copy', 'same:0'),
        operation('sum', 'Sum', ['copy:0']),
        operation('second', 'Conv2D', ['copy:0', 'w:0']),
        operation('late', 'Identity', ['second:0', '^sum']),
        operation('third', 'Conv2D', ['late:0', 'x:0']),
      ],
      'sum:0',
      'third:0',
    );
    assert.deepEqual(result, {
      nodes: [
        'x = Placeholder',
        'w = Placeholder',
        'x/bfloat16 = Cast float32>bfloat16 x:0',
        'w/bfloat16 = Cast float32>bfloat16 w:0',
        'conv = Conv2D bfloat16 x/bfloat16:0 w/bfloat16:0',
        'conv/float32 = Cast bfloat16>float32 conv:0',
        'sum = Sum float32 conv/float32:0',
        'second = Conv2D bfloat16 conv:0 w/bfloat16:0',
        'second/float32 = Cast bfloat16>float32 second:0',
        'late = Identity float32 second/float32:0 ^sum',
        'late/bfloat16 = Cast float32>bfloat16 late:0',
        'third = Conv2D bfloat16 late/bfloat16:0 x/bfloat16:0',
        'third/float32 = Cast bfloat16>float32 third:0',
      ],
      outputs: ['sum:0', 'third/float32:0'],
    });
  });

  test('batch norm reads bfloat16 images; scale, offset and statistics are float32 in both directions', () => {
    const result = lowered(
      [
        input('x'),
        input('w'),
        input('scale'),
        input('offset'),
        input('none'),
        operation('conv', 'Conv2D', ['x:0', 'w:0']),
        operation('norm', 'FusedBatchNormV3', ['conv:0', 'scale:0', 'offset:0', 'none:0', 'none:0']),
        operation('dy', 'Mul', ['norm:0', 'norm:1']),
        operation('grad', 'FusedBatchNormGradV3', [
          'dy:0',
          'conv:0',
          'scale:0',
          'norm:3',
          'norm:4',
          'norm:5',
        ]),
        operation('filter', 'Conv2DBackpropFilter', ['x:0', 'sizes:0', 'grad:0']),
      ],
      'norm:1',
      'grad:1',
      'filter:0',
    );
    assert.deepEqual(result, {
      nodes: [
        'x = Placeholder',
        'w = Placeholder',
        'scale = Placeholder',
        'offset = Placeholder',
        'none = Placeholder',
        'x/bfloat16 = Cast float32>bfloat16 x:0',
        'w/bfloat16 = Cast float32>bfloat16 w:0',
        'conv = Conv2D bfloat16 x/bfloat16:0 w/bfloat16:0',
        'norm = FusedBatchNormV3 bfloat16 conv:0 scale:0 offset:0 none:0 none:0',
        'norm/float32 = Cast bfloat16>float32 norm:0',
        'dy = Mul float32 norm/float32:0 norm:1',
        'dy/bfloat16 = Cast float32>bfloat16 dy:0',
        'grad = FusedBatchNormGradV3 bfloat16 dy/bfloat16:0 conv:0 scale:0 norm:3 norm:4 norm:5',
        'filter = Conv2DBackpropFilter bfloat16 x/bfloat16:0 sizes:0 grad:0',
        'filter/float32 = Cast bfloat16>float32 filter:0',
      ],
      outputs: ['norm:1', 'grad:1', 'filter/float32:0'],
    });
  });

  test('a constant becomes a bfloat16 constant; the old one goes if nobody else reads it', () => {
    const nodes = [
      input('x'),
      constant('w', [1]),
      constant('v', [2]),
      operation('conv', 'Conv2D', ['x:0', 'w:0']),
      operation('second', 'MatMul', ['conv:0', 'v:0']),
      operation('sum', 'Add', ['v:0', 'v:0']),
    ];
    assert.deepEqual(lowered(nodes, 'second:0', 'sum:0').nodes, [
      'x = Placeholder',
      'v = Const float32',
      'x/bfloat16 = Cast float32>bfloat16 x:0',
      'w/bfloat16 = Const bfloat16',
      'conv = Conv2D bfloat16 x/bfloat16:0 w/bfloat16:0',
      'v/bfloat16 = Const bfloat16',
      'second = MatMul bfloat16 conv:0 v/bfloat16:0',
      'sum = Add float32 v:0 v:0',
      'second/float32 = Cast bfloat16>float32 second:0',
    ]);
  });

  test('a sum stays where all of its terms are', () => {
    const nodes = [
      input('x'),
      input('w'),
      input('b'),
      operation('conv', 'Conv2D', ['x:0', 'w:0']),
      operation('residual', 'AddN', ['conv:0', 'conv:0']),
      operation('biased', 'AddV2', ['residual:0', 'b:0']),
    ];
    assert.deepEqual(lowered(nodes, 'biased:0').nodes.slice(5), [
      'conv = Conv2D bfloat16 x/bfloat16:0 w/bfloat16:0',
      'residual = AddN bfloat16 conv:0 conv:0',
      'residual/float32 = Cast bfloat16>float32 residual:0',
      'biased = AddV2 float32 residual/float32:0 b:0',
    ]);
  });

  test('between the borders of full precision products are float32, and outside of them not', () => {
    const result = lowered(
      [
        input('x'),
        input('w'),
        operation('features', 'BatchMatMulV2', ['x:0', 'w:0']),
        border('enter', 'features:0', 'float32'),
        operation('gram', 'BatchMatMulV2', ['enter:0', 'enter:0']),
        operation('dgram', 'Sqrt', ['gram:0']),
        operation('dfeatures', 'BatchMatMulV2', ['dgram:0', 'enter:0']),
        border('leave', 'dfeatures:0', 'any precision'),
        operation('dw', 'BatchMatMulV2', ['x:0', 'leave:0']),
      ],
      'gram:0',
      'dw:0',
    );
    assert.deepEqual(result, {
      nodes: [
        'x = Placeholder',
        'w = Placeholder',
        'x/bfloat16 = Cast float32>bfloat16 x:0',
        'w/bfloat16 = Cast float32>bfloat16 w:0',
        'features = BatchMatMulV2 bfloat16 x/bfloat16:0 w/bfloat16:0',
        'features/float32 = Cast bfloat16>float32 features:0',
        'gram = BatchMatMulV2 float32 features/float32:0 features/float32:0',
        'dgram = Sqrt float32 gram:0',
        'dfeatures = BatchMatMulV2 float32 dgram:0 features/float32:0',
        'dfeatures/bfloat16 = Cast float32>bfloat16 dfeatures:0',
        'dw = BatchMatMulV2 bfloat16 x/bfloat16:0 dfeatures/bfloat16:0',
        'dw/float32 = Cast bfloat16>float32 dw:0',
      ],
      outputs: ['gram:0', 'dw/float32:0'],
    });
  });

  test('a graph without convolutions and products is as it was; integers are left alone', () => {
    const nodes = [
      input('x'),
      input('labels', INT32),
      operation('relu', 'Relu', ['x:0']),
      sameCast('copy', 'relu:0'),
      operation('row', 'Reshape', ['labels:0', 'shape:0'], INT32),
      operation('sum', 'Sum', ['relu:0', '^row']),
    ];
    assert.deepEqual(lowered(nodes, 'copy:0', 'sum:0').nodes, [
      'x = Placeholder',
      'labels = Placeholder',
      'relu = Relu float32 x:0',
      'copy = Cast float32>float32 relu:0',
      'row = Reshape int32 labels:0 shape:0',
      'sum = Sum float32 relu:0 ^row',
    ]);
  });

  test('no node of the traced graph is changed', () => {
    const conv = operation('conv', 'Conv2D', ['x:0', 'w:0']);
    lowered([input('x'), input('w'), conv], 'conv:0');
    assert.deepEqual(conv, operation('conv', 'Conv2D', ['x:0', 'w:0']));
  });
});

describe('bfloat16Bytes', () => {
  test('the upper half, rounded to the nearest, in the middle to the even one', () => {
    // 1 has the bits 3f80 0000; its last bit in bfloat16 is worth 2^-7, so 2^-8 is half of that.
    const cases: [number, number][] = [
      [1, 0x3f80],
      [-2, 0xc000],
      [1 + 2 ** -8, 0x3f80], // in the middle of 3f80 and 3f81: the even one
      [1 + 2 ** -8 + 2 ** -20, 0x3f81],
      [1 + 3 * 2 ** -8, 0x3f82], // in the middle of 3f81 and 3f82
      [2 - 2 ** -9, 0x4000], // carries into the exponent
      [0, 0],
      [-0, 0x8000],
      [Infinity, 0x7f80],
      [3.4e38, 0x7f80], // above the middle of the largest bfloat16 and 2^128
    ];
    const bytes = bfloat16Bytes(new Uint8Array(Float32Array.from(cases, ([value]) => value).buffer));
    const hex = (words: Iterable<number>) => Array.from(words, (word) => word.toString(16));
    assert.deepEqual(hex(new Uint16Array(bytes.buffer)), hex(cases.map(([, word]) => word)));
  });

  test('NaN stays NaN, whichever bits it has', () => {
    for (const bits of [0x7f800001, 0x7fffffff, 0xffffffff]) {
      const [word] = new Uint16Array(bfloat16Bytes(new Uint8Array(Uint32Array.of(bits).buffer)).buffer);
      assert.ok((word! & 0x7fff) > 0x7f80, word!.toString(16));
    }
  });
});

describe('the processor', () => {
  const flags = (text: string) =>
    `processor\t: 0\nflags\t\t: fpu ${text} sse\nprocessor\t: 1\nflags\t\t: fpu\n`;

  test('its vector instructions, in the words of Linux', () => {
    assert.deepEqual(vectorInstructions(flags('avx2 amx_bf16 avx avx512_bf16 avx512bw amx_tile')), [
      'avx',
      'avx2',
      'avx512bw',
      'avx512_bf16',
      'amx_tile',
      'amx_bf16',
    ]);
    assert.deepEqual(vectorInstructions(flags('')), []);
    assert.equal(vectorInstructions('processor\t: 0\nFeatures\t: fp asimd bf16\n'), undefined, 'ARM');
  });

  test('what it has for bfloat16', () => {
    assert.equal(bfloat16Support(['avx512bw', 'avx512_bf16', 'amx_bf16']), 'amx');
    assert.equal(bfloat16Support(['avx512bw', 'avx512_bf16']), 'avx512');
    assert.equal(bfloat16Support(['avx2', 'avx512bw']), 'emulated');
    assert.equal(bfloat16Support(['avx2']), 'none');
    assert.equal(bfloat16Support(undefined), 'unknown');
  });
});

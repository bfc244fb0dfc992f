import { TILES } from './tilesModule.ts';

/** Some rows of a set, `first` to `first + count - 1`. */
export interface RowRange {
  readonly values: Float64Array;
  readonly first: number;
  readonly count: number;
}

/** What is multiplied at once: its rows (256 KB), columns (512 KB) and products (256 KB) stay in a core's cache. */
const ROWS = 128;
const COLUMNS = 256;
const DEPTH = 256;

/** Where they begin in the memory of the WebAssembly, in numbers. */
const A = 0;
const B = A + ROWS * DEPTH;
const OUT = B + COLUMNS * DEPTH;

/** As much of it as is used: TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

interface Tiles {
  readonly memory: Float64Array;
  /** See `tiles.wat`. */
  readonly dotProducts: (
    a: number,
    b: number,
    out: number,
    rows: number,
    columns: number,
    dim: number,
  ) => void;
}

let loaded: Tiles | undefined;

/**
 * Dot products in float64, `out[i * stride + k] = a_i . b_k`, by a kernel in WebAssembly: its vectors of two make it about
 * five times as fast as plain JavaScript. Sums of more than 256 products are sums of those of 256.
 */
export function fillDotProducts(
  a: RowRange,
  b: RowRange,
  dim: number,
  out: Float64Array,
  stride: number,
): void {
  const tiles = (loaded ??= load());
  for (let k = 0; k < b.count; k += COLUMNS) {
    const columns = Math.min(COLUMNS, b.count - k);
    for (let from = 0; from < dim; from += DEPTH) {
      const depth = Math.min(DEPTH, dim - from);
      const slice = { dim, from, depth };
      copyRows(tiles.memory, { ...b, first: b.first + k, count: columns }, slice);
      for (let i = 0; i < a.count; i += ROWS) {
        const rows = Math.min(ROWS, a.count - i);
        copyPanels(tiles.memory, { ...a, first: a.first + i, count: rows }, slice);
        const width = upToFour(columns);
        tiles.dotProducts(A * 8, B * 8, OUT * 8, upToFour(rows), width, depth);
        for (let r = 0; r < rows; r++) {
          const products = tiles.memory.subarray(OUT + r * width, OUT + r * width + columns);
          const at = (i + r) * stride + k;
          if (from === 0) out.set(products, at);
          else for (let c = 0; c < columns; c++) out[at + c]! += products[c]!;
        }
      }
    }
  }
}

/** {@link fillDotProducts} of all rows with all rows: `out` becomes `[rows of a, rows of b]`. */
export function fillAllDotProducts(a: Float64Array, b: Float64Array, dim: number, out: Float64Array): void {
  const [rows, columns] = [a, b].map((values) => ({ values, first: 0, count: values.length / dim })) as [
    RowRange,
    RowRange,
  ];
  fillDotProducts(rows, columns, dim, out, columns.count);
}

/** The values `from` to `from + depth - 1` of rows of `dim`. */
interface Slice {
  readonly dim: number;
  readonly from: number;
  readonly depth: number;
}

/** Rows as they are, one after the other; what a multiple of four lacks may hold anything finite, and nobody reads its products. */
function copyRows(
  memory: Float64Array,
  { values, first, count }: RowRange,
  { dim, from, depth }: Slice,
): void {
  for (let r = 0; r < count; r++) {
    const at = (first + r) * dim + from;
    memory.set(values.subarray(at, at + depth), B + r * depth);
  }
}

/** Panels of four rows, value by value. */
function copyPanels(
  memory: Float64Array,
  { values, first, count }: RowRange,
  { dim, from, depth }: Slice,
): void {
  for (let r = 0; r < count; r++) {
    const panel = A + (r >> 2) * 4 * depth + (r & 3);
    const at = (first + r) * dim + from;
    for (let j = 0; j < depth; j++) memory[panel + 4 * j] = values[at + j]!;
  }
}

function upToFour(count: number): number {
  return (count + 3) & ~3;
}

function load(): Tiles {
  const module = new WebAssembly.Module(Buffer.from(TILES, 'base64'));
  const { memory, dotProducts } = new WebAssembly.Instance(module).exports as {
    readonly memory: { readonly buffer: ArrayBuffer };
    readonly dotProducts: Tiles['dotProducts'];
  };
  return { memory: new Float64Array(memory.buffer), dotProducts };
}

/** Tensors of TensorFlow.js: type, shape, range, and a few values. */
import type { MimeBundle } from '../mimeBundle.ts';
import { escapeHtml } from './html.ts';
import { attempt } from './safe.ts';
import { grouped, statistics, statisticsText } from './statistics.ts';
import { abbreviated, shortNumber } from './table.ts';
import { tensorHead, type TensorLike } from './tensorHead.ts';

/** Tensors of more elements are not fetched from the device as a whole: some first ones are. */
const LARGEST_FETCH = 1e6;
const FIRST_VALUES = 6;
const MOST_ROWS = 10;
const MOST_COLUMNS = 10;
/** tfjs prints the corners of every axis: of four axes over 200 lines, of which nobody reads more than the first. */
const MOST_LINES = 24;

export function tensorBundle(tensor: TensorLike): MimeBundle {
  const head = tensorHead(tensor);
  if (tensor.isDisposed) return { 'text/plain': head };
  const size = tensor.shape.reduce((product, length) => product * length, 1);
  try {
    if (size > LARGEST_FETCH) {
      const first = firstValues(tensor);
      const of = first === undefined ? '' : `, the first: ${first.map(element).join(', ')}, …`;
      return { 'text/plain': `${head} · ${grouped(size)} elements${of}` };
    }
    const values = tensor.dataSync();
    const numeric = tensor.dtype === 'float32' || tensor.dtype === 'int32' || tensor.dtype === 'bool';
    const range = numeric && size > 1 ? ` · ${statisticsText(statistics(values, size))}` : '';
    // tfjs prints "Tensor" and indents the values by four.
    const text = shortened(
      tensor
        .toString()
        .replace(/^Tensor\n/, '')
        .replace(/^ {4}/gm, ''),
    );
    const plain = { 'text/plain': `${head}${range}\n${text}` };
    const flat =
      tensor.dtype !== 'complex64' && size > 0 && (tensor.shape.length === 1 || tensor.shape.length === 2);
    return flat ? { 'text/html': tensorTable(tensor, values, `${head}${range}`), ...plain } : plain;
  } catch (error) {
    const reason = attempt(() => (error as Error).message, 'an error');
    return { 'text/plain': `${head} (its values could not be read: ${reason})` };
  }
}

function shortened(text: string): string {
  const lines = text.split('\n');
  return lines.length <= MOST_LINES ? text : [...lines.slice(0, MOST_LINES / 2), '…'].join('\n');
}

/** The first elements along the last axis; the slice is disposed of. */
function firstValues(tensor: TensorLike): unknown[] | undefined {
  const rank = tensor.shape.length;
  const last = tensor.shape[rank - 1] ?? 1;
  const begin = tensor.shape.map(() => 0);
  const size = tensor.shape.map((_, axis) => (axis === rank - 1 ? Math.min(last, FIRST_VALUES) : 1));
  const part = tensor.slice?.(begin, size);
  try {
    return part && Array.from(part.dataSync());
  } finally {
    part?.dispose?.();
  }
}

const element = (value: unknown): string => (typeof value === 'number' ? shortNumber(value) : String(value));

/** Values of one or two axes with their indices. */
function tensorTable({ shape, dtype }: TensorLike, values: ArrayLike<unknown>, head: string): string {
  const [height, width] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
  const columns = abbreviated(width, MOST_COLUMNS);
  const bool = dtype === 'bool';
  const cell = (i: number, j: number): string => {
    const value = values[i * width + j];
    return escapeHtml(bool ? Boolean(value) : element(value).slice(0, 100));
  };
  const top = columns.map((j) => `<th>${j ?? '…'}</th>`).join('');
  const rows = abbreviated(height, MOST_ROWS).map((i) => {
    const name = shape.length === 1 ? '' : (i ?? '…');
    const cells = columns.map((j) => `<td>${i === undefined || j === undefined ? '…' : cell(i, j)}</td>`);
    return `<tr><th>${name}</th>${cells.join('')}</tr>`;
  });
  return `<div>${escapeHtml(head)}</div><table><thead><tr><th></th>${top}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

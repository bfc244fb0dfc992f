import { inspect } from 'node:util';

import type { Network } from '../../models/index.ts';
import { readableCells } from '../tables/cells.ts';
import { tableHtml } from '../tables/html.ts';
import { escapeHtml } from '../escape.ts';
import { networkDrawing, networkTable } from './network.ts';

/** Shows itself as the last expression of a notebook's cell, and prints as text elsewhere. */
export interface Description {
  readonly html: string;
  toString(): string;
}

/**
 * A network to be shown: a drawing with its taps, and a table of its layers with their shapes, parameters, multiply-adds
 * and receptive fields.
 *
 * @example describe(resnet({ depth: 20, imageShape: [32, 32, 3], classes: 10 }))
 */
export function describe(network: Network): Description {
  const table = networkTable(network);
  const cells = readableCells(table);
  const columns = table.columns.map(({ name }) => name);
  const html = `${networkDrawing(network)}<p><b>${escapeHtml(table.title)}</b></p>${tableHtml(table)}`;
  const text = [
    table.title,
    ...aligned([['', ...columns], ...cells.map((row, i) => [table.rows[i]!, ...row])]),
  ];
  const toString = () => text.join('\n');
  return {
    html,
    toString,
    [inspect.custom]: toString,
    [Symbol.for('Jupyter.display')]: () => ({ 'text/html': html, 'text/plain': toString() }),
  } as Description;
}

/** Rows in columns: names to the left, values to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join('  '),
  );
}

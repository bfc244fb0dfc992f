import type { Network } from '../models/index.ts';
import { frameHtml, networkDrawing, networkTable, readableCells } from '../report/index.ts';
import { notebookKernel, type Displayable } from './kernel.ts';
import { html } from './rich.ts';

/**
 * A network to be shown: a drawing with its taps, and a table of its layers with their shapes, parameters, multiply-adds
 * and receptive fields. Outside a notebook it prints the table.
 *
 * @example describe(resnet({ depth: 20, imageShape: [32, 32, 3], classes: 10 }))
 */
export function describe(network: Network): Displayable {
  const table = networkTable(network);
  const cells = readableCells(table);
  const columns = table.columns.map(({ name }) => name);
  if (notebookKernel() === undefined) {
    const rows = [['', ...columns], ...cells.map((row, i) => [table.rows[i]!, ...row])];
    const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
    const lines = rows.map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))),
    );
    return Object([table.title, ...lines.map((line) => line.join('  '))].join('\n')) as Displayable;
  }
  const frame = { index: table.rows, columns, values: cells };
  const caption = `<p><b>${table.title}</b></p>`;
  return html`${networkDrawing(network)}${caption}${frameHtml(frame, table.rowHeader, table.summaryRows)}`;
}

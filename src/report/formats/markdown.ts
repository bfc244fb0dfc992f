import { readableCells } from '../tables/cells.ts';
import { isText, type Table } from '../tables/index.ts';

/**
 * The table as Markdown, with its title before it and its note behind.
 *
 * @param options.level of the title's heading; 3 by default, 0: none
 */
export function tableMarkdown(table: Table, { level = 3 } = {}): string {
  const cells = readableCells(table).map((row, r) =>
    row.map((cell, c) => {
      const text = escapeMarkdown(cell);
      return table.columns[c]?.bold?.[r] === true ? `**${text}**` : text;
    }),
  );
  const heading = [table.rowHeader, ...table.columns.map(({ name }) => name)].map(escapeMarkdown);
  const rule = ['---', ...table.columns.map((column) => (isText(column) ? '---' : '---:'))];
  const rows = table.rows.map((name, r) => [escapeMarkdown(name), ...cells[r]!]);
  const lines = [heading, rule, ...rows].map((row) => `| ${row.join(' | ')} |`);
  const title = level === 0 ? '' : `${'#'.repeat(level)} ${escapeMarkdown(table.title)}\n\n`;
  return `${title}${lines.join('\n')}\n\n${escapeMarkdown(table.note)}\n`;
}

/** Text that Markdown shows as it is, also within a table, at the beginning of a line, and where formulas stand between dollars. */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replaceAll(/[\\`*_[\]<>|#~$]|&(?=\w+;)/g, '\\$&')
      .replaceAll('\n', ' ')
      // Of a list.
      .replace(/^(\s*\d*)([-+.)])(?=\s|$)/, '$1\\$2')
  );
}

/** GitHub's name of a heading, by which a link leads to it. */
export function headingAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

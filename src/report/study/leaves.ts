/** A record as columns of a CSV file: every leaf under its path, and back. */

/** The leaves of a record by their paths: keys joined by dots, dots within a key escaped. Lists are leaves. */
export function toLeaves(record: object, prefix = ''): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [key, value] of Object.entries(record) as [string, unknown][]) {
    const path = `${prefix}${key.replaceAll(/[\\.]/g, '\\$&')}`;
    if (isBranch(value)) for (const [inner, leaf] of toLeaves(value, `${path}.`)) leaves.set(inner, leaf);
    else if (value !== undefined) leaves.set(path, value);
  }
  return leaves;
}

/** The record that has these leaves. */
export function fromLeaves(leaves: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [path, value] of leaves) {
    const keys = (path.match(/(?:\\.|[^.\\])+/g) ?? []).map((key) => key.replaceAll(/\\(.)/g, '$1'));
    const last = keys.pop()!;
    let branch = record;
    for (const key of keys) branch = (branch[key] ??= {}) as Record<string, unknown>;
    branch[last] = value;
  }
  return record;
}

/** The record without some of its keys. */
export function without(record: object, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** Columns that have names and nothing else: as they are, so that other programs find what they name, `12e4` among them. */
const NAMES = ['arm', 'specification'];

/** A leaf as the text of a cell; what is not there is empty. A text that could be read as something else is quoted, but for a name. */
export function toCell(column: string, leaf: unknown): string {
  if (leaf === undefined) return '';
  if (NAMES.includes(column) && typeof leaf === 'string') return leaf;
  if (typeof leaf === 'string' && leaf !== '' && !isJson(leaf)) return leaf;
  return JSON.stringify(leaf);
}

/** The leaf of a cell that is not empty. */
export function fromCell(column: string, cell: string): unknown {
  // Earlier releases quoted names like other texts.
  if (NAMES.includes(column) && !cell.startsWith('"')) return cell;
  return isJson(cell) ? (JSON.parse(cell) as unknown) : cell;
}

function isBranch(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

import type { Data } from 'plotly.js-dist-min';

import { FONT } from './theme.ts';

/** Pixels, as plotly.js draws a horizontal legend: its line, a line with its gap, and what stands beside and around an entry. */
export const LEGEND_LINE = 40;
const ROW = 1.3 * FONT.size + 3;
const GAP = 5;
const BESIDE = LEGEND_LINE + 2 * GAP;
const BETWEEN_GROUPS = 10;
/** Pixels of a letter, a little more than most fonts have. */
const LETTER = 0.56 * FONT.size;

interface Entry {
  readonly width: number;
  readonly group: string | undefined;
}

/**
 * Pixels that the horizontal legend of these traces takes when it is `width` pixels wide; 0 where plotly draws none. Follows
 * plotly.js: traces with a `legendgroup` stand in a column for each group, the columns side by side in rows; without groups
 * all are in one row, or else in columns as wide as the longest name.
 */
export function legendHeight(data: readonly Data[], width: number): number {
  const entries = entriesOf(data);
  if (entries.length === 0) return 0;
  const height = entries.some(({ group }) => group !== undefined)
    ? heightOfGroups(groupsOf(entries), width)
    : heightOfRows(
        entries.map((entry) => entry.width),
        width,
      );
  return Math.ceil(height + 2 * GAP);
}

/** Pixels that a text takes, roughly. */
export function textWidth(text: string): number {
  return LETTER * text.replace(/&\w+;/g, '.').length;
}

function entriesOf(data: readonly Data[]): Entry[] {
  const traces = data as readonly {
    type?: string;
    name?: string;
    legendgroup?: string;
    showlegend?: boolean;
  }[];
  const shown = traces.filter(({ type, showlegend }) => showlegend ?? type !== 'heatmap');
  // Plotly needs to be asked for a legend of a single entry.
  if (shown.length === 1 && shown[0]!.showlegend !== true) return [];
  return shown.map(({ name = '', legendgroup }) => ({ width: textWidth(name) + BESIDE, group: legendgroup }));
}

/** The entries by group; one without a group is its own. */
function groupsOf(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string | Entry, Entry[]>();
  for (const entry of entries) {
    const key = entry.group ?? entry;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

function heightOfGroups(groups: readonly (readonly Entry[])[], width: number): number {
  let [above, row, left] = [0, 0, 0];
  for (const group of groups) {
    const own = Math.max(...group.map((entry) => entry.width)) + GAP;
    if (left > 0 && left + own > width) {
      above += row + BETWEEN_GROUPS;
      [row, left] = [0, 0];
    }
    row = Math.max(row, group.length * ROW);
    left += own;
  }
  return above + row;
}

function heightOfRows(widths: readonly number[], width: number): number {
  const inOneRow = widths.reduce((sum, own) => sum + own + GAP, -GAP) < width;
  const columns = inOneRow ? widths.length : Math.max(1, Math.floor(width / (Math.max(...widths) + GAP)));
  return Math.ceil(widths.length / columns) * ROW;
}

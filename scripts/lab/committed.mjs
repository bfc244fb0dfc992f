// @ts-check
// What a notebook looks like as it is committed: with outputs of a real run, and nothing in it that depends on the
// machine, the user, or the clock.
import { createHash } from 'node:crypto';

/**
 * @typedef {object} Output
 * @property {string} output_type
 * @property {Record<string, any>} [data] by media type
 * @property {number | null} [execution_count]
 * @property {string | string[]} [text]
 *
 * @typedef {object} Cell
 * @property {string} cell_type
 * @property {string} id
 * @property {{ tags?: string[] } & Record<string, unknown>} metadata
 * @property {string | string[]} source
 * @property {number | null} [execution_count]
 * @property {Output[]} [outputs]
 *
 * @typedef {object} Notebook
 * @property {Cell[]} cells
 * @property {Record<string, any>} metadata
 * @property {number} nbformat
 * @property {number} nbformat_minor
 */

export const PLOTLY = 'application/vnd.plotly.v1+json';
const WIDGET = 'application/vnd.jupyter.widget-view+json';
/** Tags a cell whose outputs are for its reader alone, such as pictures of images that must not be handed on. */
const UNSAVED = 'unsaved';

/** Digits that a number of a figure keeps: more than a screen can show, fewer than differ from run to run. */
const DIGITS = 5;

/** A time as the kernel's progress bars write it: ` · 1 min 05 s`. */
const TIME = / · (?:\d+ h \d\d min|\d+ min \d\d s|\d+ s)(?= ·|$)/gm;

/** @param {string | string[]} text @returns {string} */
export const joined = (text) => (Array.isArray(text) ? text.join('') : text);

/** @param {Cell} cell @returns {boolean} whether there is something to run */
export const isCode = (cell) => cell.cell_type === 'code' && joined(cell.source).trim() !== '';

/** @param {Cell} cell */
const isUnsaved = (cell) => cell.metadata.tags?.includes(UNSAVED) ?? false;

/**
 * Stands for the code of a notebook: another one where a cell that runs was changed, added, moved or taken away.
 *
 * @param {Notebook} notebook
 * @returns {string} SHA-256
 */
export function codeHash({ cells }) {
  const sources = cells.filter(isCode).map(({ source }) => joined(source));
  return createHash('sha256').update(JSON.stringify(sources)).digest('hex');
}

/**
 * A notebook with the outputs of its executed copy, as it is committed:
 *
 * - widgets are left out, since they need a kernel, and so is the time that a progress bar took
 * - outputs of cells tagged `unsaved` are left out
 * - numbers of figures are rounded
 * - cells that were added without a name get one: `<stem>-07`
 * - `metadata.msl.executed` says by which profile, and of which code
 *
 * @param {Notebook} notebook
 * @param {Notebook} executed the same cells by their ids, and others, e.g. of parameters
 * @param {{ stem: string, profile: string }} options `stem` begins the names of the cells
 * @returns {Notebook}
 * @throws {Error} where a cell that runs was not executed
 */
export function withOutputs(notebook, executed, { stem, profile }) {
  const ran = new Map(executed.cells.map((cell) => [cell.id, cell]));
  let count = 0;
  const cells = notebook.cells.map((cell) => {
    if (cell.cell_type !== 'code') return cell;
    if (!isCode(cell)) return { ...cell, execution_count: null, outputs: [] };
    const outputs = ran.get(cell.id)?.outputs;
    if (outputs === undefined) throw new Error(`The cell ${cell.id} was not executed.`);
    count++;
    const kept = isUnsaved(cell) ? [] : outputs.flatMap((output) => cleaned(output, count));
    return { ...cell, execution_count: count, outputs: kept };
  });
  const metadata = { ...notebook.metadata, msl: { executed: { code: codeHash(notebook), profile } } };
  return { ...notebook, cells: named(cells, stem), metadata };
}

/**
 * @param {Output} output
 * @param {number} count
 * @returns {Output[]} none for a widget
 */
function cleaned(output, count) {
  const { data } = output;
  if (data === undefined) return [output];
  if (WIDGET in data) return [];
  const numbered = output.output_type === 'execute_result' ? { execution_count: count } : {};
  const entries = Object.entries(data).map(([type, value]) => {
    if (type === PLOTLY) return [type, rounded(value)];
    if (type === 'text/plain') return [type, lines(joined(value).replace(TIME, ''))];
    return [type, value];
  });
  return [{ ...output, ...numbered, data: Object.fromEntries(entries) }];
}

/** @param {string} text @returns {string[]} as Jupyter writes text into a file */
const lines = (text) => text.split(/(?<=\n)/);

/** @param {unknown} value @returns {unknown} */
function rounded(value) {
  if (typeof value === 'number') return Number(value.toPrecision(DIGITS));
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
}

/** @param {string} stem */
const idPattern = (stem) => new RegExp(`^${stem}-\\d\\d$`);

/**
 * @param {Cell[]} cells
 * @param {string} stem
 * @returns {Cell[]}
 */
function named(cells, stem) {
  const pattern = idPattern(stem);
  const taken = new Set(cells.map(({ id }) => id).filter((id) => pattern.test(id)));
  let next = 0;
  return cells.map((cell) => {
    if (pattern.test(cell.id)) return cell;
    let id;
    do id = `${stem}-${String(next++).padStart(2, '0')}`;
    while (taken.has(id));
    return { ...cell, id };
  });
}

/** @param {string} file `notebooks/01-loss.ipynb` @returns {string} `loss` */
export function stemOf(file) {
  return /(?:\d+-)?([^/\\]+)\.ipynb$/.exec(file)?.[1] ?? 'cell';
}

/** A list of numbers, one a line. Within a text a line ends as `\\n`, never so. */
const NUMBERS = /\[\n\s*((?:-?[\d.e+-]+|null)(?:,\n\s*(?:-?[\d.e+-]+|null))*)\n\s*\]/g;

/**
 * @param {Notebook} notebook
 * @returns {string} the file's text, as Jupyter writes it (sorted keys, a space for each level), but for lists of numbers: a
 * figure's thousands of numbers stand in one line each series, not each number in one of its own
 */
export function notebookText(notebook) {
  const cells = notebook.cells.map((cell) => ({ ...cell, source: sourceLines(cell.source) }));
  const text = JSON.stringify(sorted({ ...notebook, cells }), null, 1);
  return `${text.replace(NUMBERS, (_, numbers) => `[${numbers.replace(/\s+/g, '')}]`)}\n`;
}

/** @param {string | string[]} source */
const sourceLines = (source) => (joined(source) === '' ? [] : lines(joined(source)));

/** @param {unknown} value @returns {unknown} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** Bytes of a committed notebook. */
const LARGEST = 1.5e6;

/** Lines of code in a cell: what is longer belongs into `src`. */
const LONGEST_CELL = 40;

/** What begins a path that only some machines have, where it is not part of a longer path or an address. */
const ABSOLUTE =
  /(?<![\w./:~-])(?:\/(?:home|Users|root|tmp|work|workspace|builds?|mnt|opt|private|srv|var)\/[\w.-]+|[A-Z]:\\\\?[\w.-]+)/;

/** plotly.js itself, or a script of any kind, which GitHub does not show and a reader need not trust. */
const SCRIPT = /plotly\.js v\d|Plotly\.newPlot\(|<script\b/i;

/**
 * What keeps a notebook from being committed.
 *
 * @param {string} file its name, for the names of the cells
 * @param {string} text its content
 * @param {{ user?: string | undefined }} [options] `user`: a name that must not stand in it
 * @returns {string[]} a sentence for each
 */
export function problemsOf(file, text, { user } = {}) {
  /** @type {Notebook} */
  const notebook = JSON.parse(text);
  const { cells, metadata } = notebook;
  const code = cells.filter(isCode);
  const executed = metadata['msl']?.executed;
  const again = `\`npm run notebooks:save -- ${file}\` executes it`;
  if (executed === undefined) return [`it has no outputs that could be committed; ${again}.`];
  const problems = [];
  if (executed.code !== codeHash(notebook))
    problems.push(`its outputs are of other code than its cells; ${again}.`);
  const parameters = cells.find((cell) => cell.metadata.tags?.includes('parameters'));
  if (!/\bprofile\b/.test(joined(parameters?.source ?? '')))
    problems.push('it has no cell tagged `parameters` that declares `profile`.');
  const size = Buffer.byteLength(text);
  if (size > LARGEST) problems.push(`it has ${(size / 1e6).toFixed(2)} MB; at most 1.5 are allowed.`);
  const pattern = idPattern(stemOf(file));
  const ids = cells.map(({ id }) => id);
  const unnamed = ids.find((id, i) => !pattern.test(id) || ids.indexOf(id) !== i);
  if (unnamed !== undefined)
    problems.push(`the cell ${unnamed} is not called ${stemOf(file)}- and two digits, or not alone.`);
  for (const cell of code) {
    const length = joined(cell.source).trim().split('\n').length;
    if (length > LONGEST_CELL)
      problems.push(`the cell ${cell.id} has ${length} lines; at most ${LONGEST_CELL} are allowed.`);
    if (isUnsaved(cell) && (cell.outputs ?? []).length > 0)
      problems.push(`the cell ${cell.id} is tagged \`${UNSAVED}\` and has outputs; ${again}.`);
    problems.push(...outputProblems(cell), ...wordlessPictures(cell));
  }
  return [...problems, ...textProblems(cells, metadata, user)];
}

/** @param {Cell} cell @returns {string[]} */
function outputProblems({ id, execution_count: count, outputs = [] }) {
  const problems = [];
  if (typeof count !== 'number') problems.push(`the cell ${id} was not executed.`);
  if (outputs.some(({ output_type: type }) => type === 'error')) problems.push(`the cell ${id} failed.`);
  const bare = outputs.some(({ data = {} }) => PLOTLY in data && !('image/png' in data));
  if (bare) problems.push(`a figure of the cell ${id} has no picture.`);
  if (outputs.some(({ data = {} }) => WIDGET in data)) problems.push(`the cell ${id} has a widget in it.`);
  return problems;
}

/**
 * Pictures without words for those who cannot see them: a figure has them in its layout, as `meta.alt`, any other picture
 * in the metadata of its cell, as `alt`.
 *
 * @param {Cell} cell
 * @returns {string[]}
 */
function wordlessPictures({ id, metadata, outputs = [] }) {
  return outputs.flatMap(({ data = {} }) => {
    if (PLOTLY in data)
      return data[PLOTLY].layout?.meta?.alt ? [] : [`a figure of the cell ${id} has no \`layout.meta.alt\`.`];
    if (!('image/png' in data) || metadata['alt']) return [];
    return [`a picture of the cell ${id} has no words: the cell's metadata has no \`alt\`.`];
  });
}

/**
 * @param {Cell[]} cells
 * @param {Record<string, unknown>} metadata
 * @param {string | undefined} user
 * @returns {string[]}
 */
function textProblems(cells, metadata, user) {
  const places = [
    ...cells.flatMap(({ id, source, outputs = [] }) => [
      { place: `the source of the cell ${id}`, text: joined(source) },
      ...outputs.map((output) => ({ place: `an output of the cell ${id}`, text: textOf(output) })),
    ]),
    { place: 'its metadata', text: JSON.stringify(metadata) },
  ];
  const name = user === undefined ? undefined : new RegExp(`(?<!\\w)${escaped(user)}(?!\\w)`);
  return places.flatMap(({ place, text }) => {
    const found = ABSOLUTE.exec(text)?.[0];
    return [
      ...(found === undefined ? [] : [`${place} has a path of this machine: ${found}`]),
      ...(name?.test(text) ? [`${place} has the name of a user: ${user}`] : []),
      ...(SCRIPT.test(text) ? [`${place} has a script in it.`] : []),
    ];
  });
}

/** @param {string} text */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What can be read of an output: all but pictures. @param {Output} output */
function textOf({ data = {}, text = '', ...rest }) {
  const kinds = Object.entries(data).filter(([type]) => !/^image\/(?!svg)/.test(type));
  const parts = kinds.map(([, value]) =>
    typeof value === 'string' || Array.isArray(value) ? joined(value) : JSON.stringify(value),
  );
  return [...parts, joined(text), JSON.stringify(rest)].join('\n');
}

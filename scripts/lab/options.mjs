// @ts-check
import path from 'node:path';
import { parseArgs } from 'node:util';

import { WrongUse } from '../setup/errors.mjs';
import { notebooksIn } from './notebooks.mjs';

export const HELP = `Usage: npm run notebook -- [options] NOTEBOOK...

Executes notebooks from the first cell to the last, each with a fresh kernel. Exit status 0: every cell of every
notebook ran; 1: one failed (its number, source and error are shown); 2: wrong usage.

  --all                  every notebook of the project
  --profile PROFILE      how much is computed: smoke (does it run?), quick (minutes) or full; the same as -p profile
  --in-place             keep the outputs in the notebook (only where all of it ran)
  --out FILE             write the executed notebook to FILE (a folder, for several); also what ran until a failure
  --html                 write it as HTML too, beside the notebook or --out
  -p NAME VALUE          a parameter: a value of JSON, True, None, inf, nan, or else text; may be repeated
  -r NAME TEXT           a parameter that is text, whatever it looks like
  --timeout SECONDS      for one cell; default 600, 0: no limit
  --save                 execute afresh, and write the outputs with a picture of each figure into the notebooks as
                         they are committed; without a notebook, all (for maintainers: npm run notebooks:save)
  --help

Parameters become constants in a cell after the one that is tagged \`parameters\`.

Examples:
  npm run notebook -- --all --profile smoke
  npm run notebook -- --in-place notebooks/00-start.ipynb
  npm run notebook -- -p profile quick -p seeds "[1, 2]" --out /tmp/quick.ipynb --html notebooks/00-start.ipynb`;

/** How much a notebook computes. */
export const PROFILES = ['smoke', 'quick', 'full'];

/**
 * @typedef {object} NotebookOptions
 * @property {string[]} notebooks
 * @property {boolean} inPlace
 * @property {boolean} save
 * @property {string} [out]
 * @property {boolean} html
 * @property {Record<string, unknown>} parameters
 * @property {number} timeout seconds for one cell; 0: none
 */

/**
 * What was asked for; undefined where it was for help.
 *
 * @param {readonly string[]} args
 * @param {string} root the project, whose notebooks are meant by `--all`
 * @returns {NotebookOptions | undefined}
 * @throws {WrongUse}
 */
export function readOptions(args, root) {
  const { rest, parameters } = takeParameters(args);
  const { values, positionals } = parse(rest);
  if (values.help === true) return undefined;
  const { all = false, profile, timeout = '600', 'in-place': inPlace = false, out, ...forms } = values;
  if (profile !== undefined) {
    if (!PROFILES.includes(profile))
      throw new WrongUse(`--profile takes ${PROFILES.join(', ')}, not ${profile}.`, 2);
    parameters.set('profile', { text: profile });
  }
  /** @type {NotebookOptions} */
  const options = {
    ...{ notebooks: positionals, inPlace, save: forms.save ?? false, html: forms.html ?? false },
    ...{ parameters: {}, timeout: Number(timeout), ...(out === undefined ? {} : { out }) },
  };
  if (timeout.trim() === '' || !(options.timeout >= 0))
    throw new WrongUse(`--timeout takes a number of seconds, not ${timeout}.`, 2);
  if (all && options.notebooks.length > 0) throw new WrongUse('--all and a notebook exclude each other.', 2);
  if (all || (options.save && options.notebooks.length === 0))
    options.notebooks = notebooksIn(root).map((file) => path.relative('', path.join(root, file)));
  if (options.notebooks.length === 0) throw new WrongUse(`Which notebook?\n\n${HELP}`, 2);
  const elsewhere = options.inPlace || options.out !== undefined || options.html || parameters.size > 0;
  if (options.save && elsewhere)
    throw new WrongUse('--save writes one form into the notebooks: it goes with --timeout only.', 2);
  if (options.inPlace && options.out !== undefined)
    throw new WrongUse('--in-place and --out exclude each other.', 2);
  if (options.inPlace && parameters.size > 0)
    throw new WrongUse('With parameters the notebook itself is left alone: use --out, not --in-place.', 2);
  options.parameters = Object.fromEntries(parameters);
  return options;
}

/**
 * Takes out `-p NAME VALUE` and `-r NAME TEXT`: an option of two values, which may begin with a minus.
 *
 * @param {readonly string[]} args
 */
function takeParameters(args) {
  /** Names may be anything that papermill takes, `__proto__` too. */
  const parameters = new Map();
  /** @type {string[]} */
  const rest = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg !== '-p' && arg !== '-r') {
      rest.push(arg);
      continue;
    }
    const [name, text] = [args[++i], args[++i]];
    if (name === undefined) throw new WrongUse(`${arg} needs a name and a value.\n\n${HELP}`, 2);
    if (text === undefined) throw new WrongUse(`${arg} needs a value for ${name}.\n\n${HELP}`, 2);
    parameters.set(name, arg === '-p' ? valueOf(text) : { text });
  }
  return { rest, parameters };
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...{ all: { type: 'boolean' }, save: { type: 'boolean' }, html: { type: 'boolean' } },
        ...{ 'in-place': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
        ...{ profile: { type: 'string' }, timeout: { type: 'string' }, out: { type: 'string', short: 'o' } },
      },
    });
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const said = message.replace(/ To specify a positional[^]*$/, '');
    throw new WrongUse(`${said}\n\`npm run notebook -- --help\` lists the options.`, 2);
  }
}

/** What Python's words and papermill mean by a value; JSON cannot say `nan`. */
const WORDS = new Map([
  ['True', { json: 'true' }],
  ['False', { json: 'false' }],
  ['None', { json: 'null' }],
]);

/**
 * @param {string} text
 * @returns {{ json: string } | { number: string } | { text: string }} told apart here, made by Python: its numbers are
 * whole or not, which JSON read by JavaScript would lose
 */
function valueOf(text) {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (/^[+-]?(?:inf(?:inity)?|nan)$/i.test(text)) return { number: text };
  try {
    JSON.parse(text);
    return { json: text };
  } catch {
    return { text };
  }
}

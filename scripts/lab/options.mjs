// @ts-check
import path from 'node:path';

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
  /** @type {NotebookOptions} */
  const options = { notebooks: [], inPlace: false, save: false, html: false, parameters: {}, timeout: 600 };
  let all = false;
  /** Names may be anything that papermill takes, `__proto__` too. */
  const parameters = new Map();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name = '', attached] = /^(--[^=]+)=(.*)$/s.exec(arg)?.slice(1) ?? [arg];
    /** @param {string} what @returns {string} */
    const value = (what) => {
      const given = attached ?? rest.shift();
      if (given === undefined) throw new WrongUse(`${name} needs ${what}.\n\n${HELP}`, 2);
      return given;
    };
    switch (name) {
      case '-h':
      case '--help':
        return undefined;
      case '--in-place':
        options.inPlace = true;
        break;
      case '--all':
        all = true;
        break;
      case '--save':
        options.save = true;
        break;
      case '--profile': {
        const profile = value('a profile');
        if (!PROFILES.includes(profile))
          throw new WrongUse(`--profile takes ${PROFILES.join(', ')}, not ${profile}.`, 2);
        parameters.set('profile', { text: profile });
        break;
      }
      case '--html':
        options.html = true;
        break;
      case '--out':
      case '-o':
        options.out = value('a file');
        break;
      case '--timeout': {
        const seconds = value('a number of seconds');
        options.timeout = Number(seconds);
        if (seconds.trim() === '' || !(options.timeout >= 0))
          throw new WrongUse(`--timeout takes a number of seconds, not ${seconds}.`, 2);
        break;
      }
      case '-p':
      case '-r': {
        const parameter = value('a name and a value');
        const text = value(`a value for ${parameter}`);
        parameters.set(parameter, name === '-p' ? valueOf(text) : { text });
        break;
      }
      default:
        if (arg.startsWith('-')) throw new WrongUse(unknownOption(name), 2);
        options.notebooks.push(arg);
    }
  }
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

const NAMES = ['--all', '--profile', '--in-place', '--out', '--html', '--timeout', '--save', '--help'];

/**
 * Names the option that has the most pairs of letters in common.
 *
 * @param {string} name
 */
function unknownOption(name) {
  /** @param {string} word */
  const pairs = (word) => {
    const letters = word.replace(/-/g, '');
    return new Set([...letters].slice(1).map((letter, i) => `${letters[i]}${letter}`));
  };
  const own = pairs(name);
  const [best] = NAMES.map((option) => {
    const others = pairs(option);
    return {
      option,
      common: [...own].filter((pair) => others.has(pair)).length / Math.max(own.size, others.size),
    };
  }).sort((a, b) => b.common - a.common);
  const near = best !== undefined && best.common >= 0.4 ? `; did you mean ${best.option}?` : '.';
  return `There is no option ${name}${near} \`npm run notebook -- --help\` lists them.`;
}

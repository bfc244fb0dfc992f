import { CELL_MAGICS } from '../../magicNames.ts';
import { completenessOf, type Completeness } from '../completeness.ts';

const INCOMPLETE: Completeness = { status: 'incomplete', indent: '' };

/**
 * Whether a cell, which may have magics, can be run as it stands: a console adds a line to what is incomplete. The text
 * of `%%bash` and the like ends with an empty line, as in IPython.
 *
 * @param expand writes magics as TypeScript
 */
export function completenessOfCell(
  code: string,
  expand: (code: string) => string,
  jsx: boolean,
): Completeness {
  const [, name = '', rest] = /^\s*%%(\w+)[^\n]*(\n[^]*)?$/.exec(code) ?? [];
  const isCellMagic = Object.hasOwn(CELL_MAGICS, name);
  if (isCellMagic && rest === undefined) return INCOMPLETE;
  if (isCellMagic && name !== 'time') {
    return /\n[^\S\n]*$/.test(rest!) ? { status: 'complete' } : INCOMPLETE;
  }
  const lines = isCellMagic ? rest! : code;
  const expanded = expand(lines);
  // A command's backslash has been taken into the call that the command became; two of them are one of the shell's.
  const goesOn = /(?<!\\)(?:\\\\)*\\$/.test(lines) && !expanded.endsWith('\\');
  if (goesOn) return INCOMPLETE;
  return completenessOf(expanded, jsx);
}

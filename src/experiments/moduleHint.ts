import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What to add to an error of a module that was loaded: nothing, or that it is taken for CommonJS, as which the workbook
 * does not load, whatever the error's own words are.
 */
export function moduleHint(file: string): string {
  if (/\.m[jt]s$/.test(file)) return '';
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const description = path.join(folder, 'package.json');
    if (existsSync(description)) {
      return /"type"\s*:\s*"module"/.test(readFileSync(description, 'utf8')) ? '' : HINT;
    }
    if (folder === path.dirname(folder)) return HINT;
  }
}

const HINT =
  '. It is no ES module, which it has to be to import the workbook: name it .mts, or write "type": "module" into ' +
  'the package.json of its folder';

/** Stack traces without the lines that are the kernel's or Node.js's own: they would hide the two that matter. */
import path from 'node:path';
import util from 'node:util';
import { pathToFileURL } from 'node:url';

/** The package that this file belongs to: as sources and, where a source map leads back to those, as a build. */
const PACKAGE = path.resolve(import.meta.dirname, '..', '..', '..');
/** The folders of the kernel itself, as paths and as URLs. A project may have a `src/kernel` of its own. */
const OWN_FOLDERS = ['src', 'dist'].flatMap((part) => {
  const folder = path.join(PACKAGE, part, 'kernel');
  return [`${folder}${path.sep}`, `${pathToFileURL(folder).href}/`];
});

const OWN_PLACE = /node:vm|node:internal|node:async_hooks|\(<anonymous>\)$/;

/** Whether a line of a text, in colours or not, names a place in the code, as lines of a stack trace do. */
export const isFrame = (line: string): boolean => /^\s+at /.test(util.stripVTControlCharacters(line));

function isOwn(line: string): boolean {
  if (!isFrame(line)) return false;
  const plain = util.stripVTControlCharacters(line).replace(/ \{$/, '');
  return OWN_PLACE.test(plain) || OWN_FOLDERS.some((folder) => plain.includes(folder));
}

/** A trace without them. Its last line opens the brace around an error's own properties, and keeps it. */
export function withoutOwnLines(trace: string): string {
  const kept: string[] = [];
  for (const line of trace.split('\n')) {
    if (kept.length === 0 || !isOwn(line)) kept.push(line);
    else if (line.endsWith(' {') && kept.at(-1)?.endsWith(' {') !== true) kept.push(`${kept.pop() ?? ''} {`);
  }
  return kept.join('\n');
}

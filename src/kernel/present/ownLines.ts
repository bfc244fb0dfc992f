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

/** What `util.inspect` writes in place of the lines that the trace of the error's cause has, too. */
const AS_IN_CAUSE = /^(\s*)\.\.\. (\d+) lines matching cause stack trace \.\.\.$/;
/** The trace of a cause is looked for in so many lines. */
const NEAR = 200;

/** A line of a trace, however far it is indented. */
const frameOf = (line: string): string => util.stripVTControlCharacters(line).trim().replace(/ \{$/, '');

/** The lines of a text with those put back, as far as they are found: most are the kernel's, which nobody sees. */
function whole(trace: string): string[] {
  const lines = trace.split('\n');
  if (!trace.includes('lines matching cause stack trace')) return lines;
  // The innermost cause is written last, and has all of its lines.
  for (let at = lines.length - 1; at > 0; at--) {
    const [, indent = '', count] = AS_IN_CAUSE.exec(util.stripVTControlCharacters(lines[at]!)) ?? [];
    if (count === undefined) continue;
    const before = frameOf(lines[at - 1]!);
    const below = lines.slice(at + 1, at + NEAR);
    const same = below.findIndex((line) => frameOf(line) === before);
    const left = below.slice(same + 1, same + 1 + Number(count));
    if (same >= 0 && left.every(isFrame)) lines.splice(at, 1, ...left.map((line) => indent + frameOf(line)));
  }
  return lines;
}

/** A trace without them. Its last line opens the brace around an error's own properties, and keeps it. */
export function withoutOwnLines(trace: string): string {
  const kept: string[] = [];
  for (const line of whole(trace)) {
    if (kept.length === 0 || !isOwn(line)) kept.push(line);
    else if (line.endsWith(' {') && kept.at(-1)?.endsWith(' {') !== true) kept.push(`${kept.pop() ?? ''} {`);
  }
  return kept.join('\n');
}

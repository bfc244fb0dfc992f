// @ts-check

/**
 * One member of a JSON object or element of an array, by its place in the text.
 *
 * @typedef {object} Member
 * @property {string} key the element's index in an array
 * @property {number} begin where the key begins; in an array, the value
 * @property {number} start where the value begins
 * @property {number} end where the value ends
 */

const STRING = /"(?:[^"\\]|\\.)*"/sy;
const SPACE = /\s*/y;
const SCALAR = /[^\s,\]}]+/y;

/**
 * @param {RegExp} pattern
 * @param {string} text
 * @param {number} at
 */
function after(pattern, text, at) {
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw new SyntaxError(`JSON: unexpected text at character ${at}`);
  return pattern.lastIndex;
}

/**
 * The end of the value that begins at a place.
 *
 * @param {string} text
 * @param {number} start
 */
function valueEnd(text, start) {
  if (text[start] === '"') return after(STRING, text, start);
  if (text[start] !== '{' && text[start] !== '[') return after(SCALAR, text, start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = after(STRING, text, at) - 1;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  throw new SyntaxError('JSON: the text ends too early');
}

/**
 * The members of the object or array that begins at a place in JSON text; none of a scalar.
 *
 * @param {string} text valid JSON
 * @param {number} start
 * @returns {Member[]}
 */
export function membersAt(text, start) {
  const object = text[start] === '{';
  if (!object && text[start] !== '[') return [];
  /** @type {Member[]} */
  const members = [];
  let at = after(SPACE, text, start + 1);
  while (text[at] !== '}' && text[at] !== ']') {
    const begin = at;
    let key = String(members.length);
    if (object) {
      const end = after(STRING, text, at);
      key = JSON.parse(text.slice(at, end));
      at = after(SPACE, text, after(SPACE, text, end) + 1);
    }
    const end = valueEnd(text, at);
    members.push({ key, begin, start: at, end });
    at = after(SPACE, text, end);
    if (text[at] === ',') at = after(SPACE, text, at + 1);
  }
  return members;
}

/**
 * @param {string} text
 * @param {number} start
 * @param {string} key
 * @returns {Member[]} the members of a member; none where it is not there
 */
export function membersOf(text, start, key) {
  const member = membersAt(text, start).find((one) => one.key === key);
  return member ? membersAt(text, member.start) : [];
}

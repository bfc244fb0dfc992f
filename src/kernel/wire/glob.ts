/** Patterns in which `*` stands for any text, `?` for any character and `[a-z]` for one of a set (`[^a-z]`: of none). */

type Step = '*' | ((character: string) => boolean);

function setOf(body: string): (character: string) => boolean {
  const negated = body.startsWith('^') || body.startsWith('!');
  const characters = Array.from(negated ? body.slice(1) : body);
  return (character) => {
    let found = false;
    for (let i = 0; i < characters.length; i++) {
      const [from, dash, to] = characters.slice(i, i + 3);
      if (from !== undefined && dash === '-' && to !== undefined) {
        found ||= from <= character && character <= to;
        i += 2;
      } else found ||= from === character;
    }
    return found !== negated;
  };
}

function parse(pattern: string): Step[] {
  const steps: Step[] = [];
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const here = characters[i]!;
    // A bracket right after the opening one belongs to the set; one that is never closed stands for itself.
    const end =
      here === '[' ? characters.indexOf(']', i + (/[\^!]/.test(characters[i + 1] ?? '') ? 3 : 2)) : -1;
    if (here === '*') {
      if (steps.at(-1) !== '*') steps.push('*');
    } else if (here === '?') steps.push(() => true);
    else if (end > 0) {
      steps.push(setOf(characters.slice(i + 1, end).join('')));
      i = end;
    } else steps.push((character) => character === here);
  }
  return steps;
}

/** A test whether a whole text fits a pattern; its time grows with text times pattern at most, whatever they are. */
export function glob(pattern: string): (text: string) => boolean {
  const steps = parse(pattern);
  return (text) => {
    const characters = Array.from(text);
    let step = 0;
    let star = -1; // the latest `*`, and where the text after what it stands for begins
    let resume = 0;
    for (let at = 0; at < characters.length;) {
      const expected = steps[step];
      if (expected === '*') {
        star = step++;
        resume = at;
      } else if (expected?.(characters[at]!)) {
        step++;
        at++;
      } else if (star >= 0) {
        step = star + 1;
        at = ++resume;
      } else return false;
    }
    while (steps[step] === '*') step++;
    return step === steps.length;
  };
}

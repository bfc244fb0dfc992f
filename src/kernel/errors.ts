import util from 'node:util';

/** What the protocol says about an error. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** The whole text, stack trace included. */
  readonly text: string;
}

/** Lines of a stack trace that are the kernel's own: they would hide the two that matter. */
const OWN_LINES =
  /tslab[/\\]dist[/\\]|src[/\\]kernel[/\\]|dist[/\\]kernel[/\\]|node:vm|node:internal|sigintHandlersWrap|evalmachine\.<anonymous>:\d+:3\)?$/;

export function describeError(error: unknown): Failure {
  if (!(util.types.isNativeError(error) || error instanceof Error)) {
    return { name: 'Error', message: String(error), text: util.inspect(error) };
  }
  const lines = util.inspect(error).split('\n');
  const text = lines
    .filter((line, i) => i === 0 || !(/^\s+at /.test(line) && OWN_LINES.test(line)))
    .join('\n');
  return { name: error.name, message: error.message, text };
}

/** What tslab's console was told: a type error's file, line, column and text, or whatever a cell threw. */
export function describeReport(report: readonly unknown[]): Failure {
  if (report[0] !== '%s%d:%d - %s') return describeError(report[0]);
  const text = util.format(...report);
  return { name: 'TypeScriptError', message: text, text };
}

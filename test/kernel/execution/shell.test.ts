import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';

import type { Interpreter } from '../../../src/kernel/execution/interpreter.ts';
import { describeError } from '../../../src/kernel/execution/errors.ts';
import { Shell } from '../../../src/kernel/execution/shell.ts';
import type { MimeBundle } from '../../../src/kernel/mimeBundle.ts';
import type { Content, Message } from '../../../src/kernel/wire/messages.ts';
import type { FromMain } from '../../../src/kernel/wire/protocol.ts';

/** A shell whose values present themselves as they are, and whose cells are read by `value`. */
function shellOf(value: (code: string) => unknown) {
  const posted: FromMain[] = [];
  let notify = (): void => undefined;
  const interpreter: Pick<Interpreter, 'run' | 'describe' | 'failRunning'> = {
    run: (_cell, code) => Promise.resolve({ failures: [], result: { value: value(code) } }),
    describe: (error) => describeError(error),
    failRunning: () => false,
  };
  const shell = new Shell({
    // As a message to another thread is copied.
    post: (message) => {
      posted.push(structuredClone(message));
      notify();
    },
    interpreter: interpreter as Interpreter,
    comms: { handle: () => undefined, info: () => ({}) },
    present: (shown) => shown as MimeBundle,
  });
  const execute = async (content: Content): Promise<Content> => {
    const header = { msg_id: `${posted.length}`, msg_type: 'execute_request', session: '', username: '' };
    const request = { channel: 'shell', identities: [], header, parent: {}, content };
    shell.receive(request as unknown as Message);
    const isIdle = (message: FromMain): boolean =>
      message.kind === 'publish' &&
      message.parent?.msg_id === header.msg_id &&
      message.content['execution_state'] === 'idle';
    while (!posted.some(isIdle)) await new Promise<void>((resolve) => (notify = resolve));
    const replies = posted.filter((message) => message.kind === 'reply');
    return replies.find(({ request: { header: of } }) => of.msg_id === header.msg_id)!.content;
  };
  return { shell, execute };
}

test('a value of user_expressions that cannot be sent is an error of that expression', async () => {
  const values: Record<string, unknown> = {
    '(bad\n)': { 'application/json': { f: () => 1 } },
    '(good\n)': { 'text/plain': '1' },
  };
  const { execute } = shellOf((code) => values[code]);
  const reply = await execute({ code: '1', silent: true, user_expressions: { a: 'bad', b: 'good' } });
  assert.equal(reply['status'], 'ok');
  const { a, b } = reply['user_expressions'] as Record<string, Content>;
  assert.equal(a!['status'], 'error');
  assert.match(String(a!['evalue']), /^data\["application\/json"\]\["f"\] is a function/);
  assert.deepEqual(b, { status: 'ok', data: { 'text/plain': '1' }, metadata: {} });
});

test('groups of the console that a cell left open do not indent what later ones print', async (t) => {
  const written: string[] = [];
  const { execute } = shellOf((code) => {
    console.log(code);
    console.group();
    console.group();
    return undefined;
  });
  t.mock.method(process.stdout, 'write', (text: string) => written.push(text));
  await execute({ code: 'first' });
  await execute({ code: 'second' });
  t.mock.restoreAll();
  for (let i = 0; i < 2; i++) console.groupEnd();
  assert.deepEqual(written, ['first\n', 'second\n']);
});

test('a cell whose reply cannot be made ends with an error, and the next one runs', async () => {
  // What is read once without fault and cannot be copied then.
  let reads = 0;
  const late = {
    get 'text/plain'() {
      return reads++ === 0 ? 'text' : () => 'a function';
    },
  };
  const { execute } = shellOf(() => late);
  const failed = await execute({ code: '1', silent: true, user_expressions: { a: 'x' } });
  assert.equal(failed['status'], 'error');
  assert.equal(failed['ename'], 'DataCloneError');
  assert.equal((await execute({ code: '2', silent: true }))['status'], 'ok');
});

test('what is written of an error outside a cell is what `npm run notebook` looks for', (t: TestContext) => {
  const python = fs.readFileSync(new URL('../../../scripts/lab/execute.py', import.meta.url), 'utf8');
  const [, pattern = ''] = /LATE_ERROR = re\.compile\(r"(.*)", re\.MULTILINE\)/.exec(python) ?? [];
  const written = t.mock.method(process.stderr, 'write', () => true);
  shellOf(() => undefined).shell.lateError(new Error('late'));
  const [text] = written.mock.calls.map(({ arguments: [first] }) => String(first));
  written.mock.restore();
  assert.match(`${text}`, /late/);
  assert.match(`more\n${text}`, new RegExp(pattern, 'm'));
  assert.notEqual(pattern, '');
});

test('an error that is thrown once more is told once; a text that is thrown twice may be of two cells', (t: TestContext) => {
  const written = t.mock.method(process.stderr, 'write', () => true);
  const { shell } = shellOf(() => undefined);
  const told = (...errors: unknown[]): number => {
    const before = written.mock.callCount();
    for (const error of errors) shell.lateError(error);
    return written.mock.callCount() - before;
  };
  const error = new Error('late');
  const counts = [told(error, error), told('late', 'late')];
  written.mock.restore();
  assert.deepEqual(counts, [1, 2]);
});

test('an interrupt ends the cells that it names, none that began after it', async () => {
  for (const [cells, status] of [
    [[], 'ok'],
    [['of another'], 'ok'],
    [['0'], 'error'],
  ] as const) {
    const { shell, execute } = shellOf(
      () =>
        new Promise((resolve) => {
          setImmediate(() => {
            shell.terminated(cells);
            resolve({ 'text/plain': 'shown' });
          });
        }),
    );
    assert.equal((await execute({ code: '1' }))['status'], status, cells.join());
  }
});

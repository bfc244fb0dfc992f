import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addressOf, checkAddress, checkConnection } from '../../../src/kernel/wire/address.ts';
import type { Connection } from '../../../src/kernel/wire/messages.ts';
import { toCharacters, toUnits } from '../../../src/kernel/wire/positions.ts';
import { codeAndPosition, FOR_MAIN } from '../../../src/kernel/wire/requests.ts';

test('positions: characters and UTF-16 units', () => {
  const code = 'a\u{1f600}b'; // a, a pair of units, b
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((at) => toUnits(code, at)),
    [0, 1, 3, 4, undefined],
  );
  assert.deepEqual(
    [0, 1, 3, 4, 9].map((at) => toCharacters(code, at)),
    [0, 1, 2, 3, 3],
  );
  assert.equal(toUnits('\ud83d', 1), 1, 'a half counts as one');
});

test('a cursor lies within the code', () => {
  const position = (cursor_pos: unknown) => codeAndPosition({ code: '\u{1f600}b', cursor_pos }).position;
  assert.equal(position(1), 2);
  assert.equal(position(undefined), 3, 'the end where none is given');
  assert.equal(position(null), 3);
  for (const wrong of [-1, 3, 1.5, '1', 2 ** 53, true]) assert.throws(() => position(wrong), /cursor_pos/);
  assert.throws(() => codeAndPosition({}), { message: 'code has to be a string: missing' });
});

test('an execute_request gets the defaults of the protocol', () => {
  const execute = FOR_MAIN['execute_request']!;
  assert.deepEqual(execute({ code: '1' }), {
    code: '1',
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: true,
    stop_on_error: true,
  });
  assert.equal(execute({ code: '1', silent: true, store_history: true })['store_history'], false);
  assert.throws(() => execute({ code: 1 }), { name: 'RequestError', message: 'code has to be a string: 1' });
  assert.throws(() => execute({ code: '', user_expressions: { a: 1 } }), /a has to be a string: 1/);
  assert.ok(!('toString' in FOR_MAIN), 'only what is listed');
});

test('only this machine is listened to', () => {
  const at = (ip: string, transport = 'tcp') => ({ ip, transport }) as Connection;
  for (const ip of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) {
    checkAddress(at(ip), {});
  }
  checkAddress(at('/tmp/kernel', 'ipc'), {});
  for (const ip of ['0.0.0.0', '*', '192.168.1.2', '::', '', '127.0.0.1.example.org']) {
    assert.throws(() => {
      checkAddress(at(ip), {});
    }, /MSL_KERNEL_REMOTE=1/);
  }
  checkAddress(at('0.0.0.0'), { MSL_KERNEL_REMOTE: '1' });
  assert.throws(() => {
    checkAddress(at('127.0.0.1', 'udp'), {});
  }, /udp/);
  assert.equal(addressOf(at('127.0.0.1'), 5), 'tcp://127.0.0.1:5');
  assert.equal(addressOf(at('::1'), 5), 'tcp://[::1]:5');
  assert.equal(addressOf(at('/tmp/k', 'ipc'), 5), 'ipc:///tmp/k-5');
});

test('what is wrong with a connection is said by the name of the field', () => {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  const good = { transport: 'tcp', ip: '127.0.0.1', key: 'k', signature_scheme: 'hmac-sha256', ...ports };
  const check = (change: object, env = {}): void => {
    checkConnection({ ...good, ...change }, env);
  };
  check({});
  check({ signature_scheme: undefined });
  check({ transport: 'ipc', ip: '/tmp/kernel' });
  check({ key: '' }, { MSL_KERNEL_UNSIGNED: '1' });
  const wrong: [object, RegExp][] = [
    [{ key: '' }, /^key is empty.*MSL_KERNEL_UNSIGNED=1/],
    [{ key: undefined }, /^key is missing/],
    [{ ip: 7 }, /^ip is missing or no text/],
    [{ ip: '0.0.0.0' }, /MSL_KERNEL_REMOTE=1/],
    [{ signature_scheme: 'hmac-md5' }, /^signature_scheme "hmac-md5"/],
    [{ shell_port: undefined }, /^shell_port is missing/],
    [{ hb_port: '5' }, /^hb_port is "5"/],
    [{ iopub_port: 65536 }, /^iopub_port is 65536/],
    [{ stdin_port: 0 }, /^stdin_port is 0/],
  ];
  for (const [change, message] of wrong)
    assert.throws(
      () => {
        check(change);
      },
      { message },
    );
  assert.throws(() => {
    checkConnection(null as never, {});
  }, /no connection/);
});

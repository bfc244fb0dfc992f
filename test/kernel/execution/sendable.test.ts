import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkSendable } from '../../../src/kernel/execution/sendable.ts';

const JSON_TYPE = 'application/json';

test('what cannot be sent is named', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const refused: [unknown, string][] = [
    [{ mark: { render: () => 1 } }, `data["${JSON_TYPE}"]["mark"]["render"] is a function`],
    [{ list: [1, 2n] }, `data["${JSON_TYPE}"]["list"]["1"] is a bigint`],
    [Symbol('s'), `data["${JSON_TYPE}"] is a symbol`],
    [cyclic, `data["${JSON_TYPE}"]["self"] is an object that holds itself`],
  ];
  for (const [value, message] of refused) {
    const send = () => {
      checkSendable({ data: { [JSON_TYPE]: value } });
    };
    assert.throws(send, {
      name: 'TypeError',
      message: `${message}: what is displayed can hold only what JSON can`,
    });
  }
  const twice = { a: 1 };
  checkSendable({ data: { 'text/plain': 'x', [JSON_TYPE]: [twice, twice, null, undefined, new Date(0)] } });
  assert.throws(() => {
    checkSendable({ data: {}, metadata: { now: Date.now } });
  }, /^TypeError: metadata\["now"\] is a function/);
});

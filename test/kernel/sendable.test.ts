import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CellOutput } from '../../src/kernel/execution/output.ts';
import { DISPLAYED, sendable } from '../../src/kernel/sendable.ts';

const JSON_TYPE = 'application/json';

test('what cannot be sent is named', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const refused: [unknown, string][] = [
    [{ mark: { render: () => 1 } }, `data["${JSON_TYPE}"]["mark"]["render"] is a function`],
    [{ list: [1, 2n] }, `data["${JSON_TYPE}"]["list"]["1"] is a bigint`],
    [Symbol('s'), `data["${JSON_TYPE}"] is a symbol`],
    [new Map([[1, 2]]), `data["${JSON_TYPE}"] is of the kind Map`],
    [{ seen: new Set() }, `data["${JSON_TYPE}"]["seen"] is of the kind Set`],
    [[new BigInt64Array(1)], `data["${JSON_TYPE}"]["0"] is a list of bigints`],
    [cyclic, `data["${JSON_TYPE}"]["self"] is an object that holds itself`],
  ];
  for (const [value, message] of refused) {
    const send = () => {
      sendable({ data: { [JSON_TYPE]: value } }, DISPLAYED);
    };
    assert.throws(send, {
      name: 'TypeError',
      message: `${message}: what is displayed can hold only what JSON can`,
    });
  }
  const twice = { a: 1 };
  const content = { data: { 'text/plain': 'x', [JSON_TYPE]: [twice, twice, null, undefined, new Date(0)] } };
  assert.equal(sendable(content, DISPLAYED), content, 'nothing is copied');
  assert.throws(() => {
    sendable({ data: {}, metadata: { now: Date.now } }, DISPLAYED);
  }, /^TypeError: metadata\["now"\] is a function/);
});

test('typed arrays are displayed as the lists that they are, and what was given stays as it is', () => {
  const sent: unknown[] = [];
  const output = new CellOutput((_type, content) => sent.push(JSON.parse(JSON.stringify(content))));
  const weights = new Float32Array([0.5, 2]);
  const data = { [JSON_TYPE]: { layers: [[weights], 'dense'], bytes: Buffer.from([7]) } };
  output.send('display_data', { data, metadata: { size: new Uint8Array([3, 4]) } });
  assert.deepEqual(sent, [
    {
      data: { [JSON_TYPE]: { layers: [[[0.5, 2]], 'dense'], bytes: [7] } },
      metadata: { size: [3, 4] },
    },
  ]);
  assert.equal(data[JSON_TYPE].layers[0]![0], weights);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assignedSince, Boxes, link, uninitialised } from '../../../src/kernel/execution/boxes.ts';

test('a name has one box for the whole session', () => {
  const boxes = new Boxes();
  boxes.get('a').v = 1;
  assert.equal(boxes.get('a').v, 1);
  assert.equal(boxes.get('b').v, undefined);
  assert.deepEqual(boxes.entries(), [['a', 1]]);
});

test('after a reset names are new, and functions of earlier cells keep theirs', () => {
  const boxes = new Boxes();
  const before = boxes.get('a');
  before.v = 1;
  boxes.clear();
  boxes.get('a').v = 2;
  assert.equal(before.v, 1);
});

test('a linked box follows its source until it is assigned to', () => {
  const boxes = new Boxes();
  const module = { count: 1 };
  const box = boxes.get('count');
  link(box, () => module.count);
  module.count = 2;
  assert.equal(box.v, 2);
  box.v = 'mine';
  module.count = 3;
  assert.equal(box.v, 'mine');
  box.v = 'again';
  assert.equal(box.v, 'again');
  link(box, () => module.count);
  assert.equal(box.v, 3);
});

test('what a cell that failed has assigned', () => {
  const boxes = new Boxes();
  Object.assign(boxes.get('kept'), { v: 1 });
  Object.assign(boxes.get('changed'), { v: NaN });
  const before = new Map(['kept', 'changed', 'made', 'never'].map((name) => [name, boxes.get(name).v]));
  assert.deepEqual(assignedSince(boxes, before), []);
  boxes.get('changed').v = 5;
  boxes.get('made').v = null;
  assert.deepEqual(assignedSince(boxes, before), ['changed', 'made']);
});

test('a name whose declaration has not run cannot be read until it is assigned to', () => {
  const boxes = new Boxes();
  const box = boxes.get('late');
  uninitialised(box);
  const refused = { name: 'ReferenceError', message: "Cannot access 'late' before initialization" };
  assert.throws(() => box.v, refused);
  assert.equal(boxes.value('late'), undefined);
  assert.deepEqual(boxes.entries(), []);
  assert.deepEqual(assignedSince(boxes, new Map([['late', undefined]])), []);
  box.v = 1;
  assert.equal(box.v, 1);
  assert.deepEqual(boxes.entries(), [['late', 1]]);
  uninitialised(box);
  assert.throws(() => box.v, refused);
  link(box, () => 2);
  assert.equal(box.v, 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decode, encode, type Message } from '../../src/kernel/messages.ts';

const request: Message = {
  identities: [Buffer.from('client')],
  header: { msg_id: '1', msg_type: 'execute_request', session: 's', username: 'u', date: '', version: '5.3' },
  parent: {},
  content: { code: '1' },
};
const frames = (): Buffer[] =>
  encode('key', request, 'execute_reply', { status: 'ok' }).map((f) => Buffer.from(f));

test('a reply goes to the sender and names what it answers', () => {
  const message = decode('key', frames());
  assert.equal(message?.identities[0]?.toString(), 'client');
  assert.equal(message.header.msg_type, 'execute_reply');
  assert.equal(message.header.session, 's');
  assert.equal(message.parent.msg_id, '1');
  assert.deepEqual(message.content, { status: 'ok' });
});

test('messages that are not ours are ignored', () => {
  assert.equal(decode('other', frames()), undefined, 'another key');
  assert.equal(decode('key', []), undefined, 'nothing');
  assert.equal(decode('key', frames().slice(1, 5)), undefined, 'frames are missing');
  assert.equal(
    decode('key', [Buffer.from('<IDS|MSG>'), Buffer.from(''), ...frames().slice(3)]),
    undefined,
    'unsigned',
  );
  const changed = frames();
  changed[6] = Buffer.from('{"status":"no"}');
  assert.equal(decode('key', changed), undefined, 'content changed after it was signed');
});

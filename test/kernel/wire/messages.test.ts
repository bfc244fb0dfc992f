import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decode, encode, Signatures, type Header, type Outgoing } from '../../../src/kernel/wire/messages.ts';

const parent: Header = {
  msg_id: '1',
  msg_type: 'execute_request',
  session: 'client',
  username: 'u',
  date: '',
  version: '5.3',
};
const outgoing: Outgoing = {
  type: 'execute_reply',
  content: { status: 'ok' },
  session: 'kernel',
  parent,
  metadata: { a: 1 },
  buffers: [Uint8Array.of(1, 2)],
  identities: [Buffer.from('client'), 'b'],
};
const frames = (key = 'key', more: Partial<Outgoing> = {}): Buffer[] =>
  encode(key, { ...outgoing, ...more }).map((frame) => Buffer.from(frame as Uint8Array));

test('a message survives the wire', () => {
  const message = decode('key', frames(), 'control');
  assert.ok(message);
  assert.equal(message.channel, 'control');
  assert.deepEqual(
    message.identities.map((part) => Buffer.from(part).toString()),
    ['client', 'b'],
  );
  assert.equal(message.header.msg_type, 'execute_reply');
  assert.equal(message.header.version, '5.5');
  assert.equal(message.header.session, 'kernel', "the kernel's session, not the client's");
  assert.deepEqual(message.parent, parent);
  assert.deepEqual(message.metadata, { a: 1 });
  assert.deepEqual(message.content, { status: 'ok' });
  assert.deepEqual(message.buffers, [Uint8Array.of(1, 2)]);
});

test('messages that are not ours are ignored', () => {
  assert.equal(decode('other', frames()), undefined, 'another key');
  assert.equal(decode('', frames('key'))?.parent.msg_id, '1', 'an empty key takes any signature');
  assert.equal(decode('', frames(''))?.parent.msg_id, '1', 'an empty key takes unsigned messages');
  assert.equal(decode('key', frames('')), undefined, 'unsigned');
  assert.equal(decode('key', []), undefined, 'nothing');
  for (let count = 0; count < 8; count++) {
    assert.equal(decode('key', frames().slice(0, count)), undefined, `${count} frames`);
  }
  const changed = frames();
  changed[7] = Buffer.from('{"status":"no"}');
  assert.equal(decode('key', changed), undefined, 'content changed after it was signed');
});

test('what is signed must have the shape of a message', () => {
  const part = (at: number, text: string) => {
    const unsigned = frames('');
    unsigned[at] = Buffer.from(text);
    return decode('', unsigned);
  };
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '1',
    '{"msg_id":"1"}',
    '{"msg_id":1,"msg_type":"a","session":"s"}',
  ]) {
    assert.equal(part(4, text), undefined, `header ${text}`);
  }
  for (const text of ['', '{', 'null', '[]', '1']) assert.equal(part(7, text), undefined, `content ${text}`);
  assert.deepEqual(part(5, 'null')?.parent, {}, 'no parent');
  const odd = '{"msg_id":"1","msg_type":"a","session":"s","deep":{"er":[]},"subshell_id":"x"}';
  const { header } = part(4, odd)!;
  assert.deepEqual(Object.keys(header).sort(), [
    'date',
    'msg_id',
    'msg_type',
    'session',
    'subshell_id',
    'username',
    'version',
  ]);
});

test('a message that comes again is ignored, within bounds', () => {
  const seen = new Signatures(2);
  const [first, second, third] = [1, 2, 3].map((id) => frames('key', { id: String(id) }));
  assert.ok(decode('key', first!, 'shell', seen));
  assert.equal(decode('key', first!, 'shell', seen), undefined);
  assert.equal(decode('other', second!, 'shell', seen), undefined, 'a wrong signature is not remembered');
  assert.ok(decode('key', second!, 'shell', seen));
  assert.ok(decode('key', third!, 'shell', seen));
  assert.ok(decode('key', first!, 'shell', seen), 'the oldest is forgotten');
});

test('text that Python could not encode again, and integers that JSON does not have', () => {
  const content = { half: 'a\ud800b', pair: '\u{1f600}', escape: '\\ud800', big: 12345678901234567890n };
  const json = frames('key', { content })[7]!.toString();
  assert.deepEqual(JSON.parse(json), {
    half: 'a\ufffdb',
    pair: '\u{1f600}',
    escape: '\\ud800',
    big: '12345678901234567890',
  });
});

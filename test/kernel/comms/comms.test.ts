import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';

import { createComms, type CommMessage } from '../../../src/kernel/comms/index.ts';

interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
}

/** Comms whose messages and reports are recorded, and cells to open them in. */
function kernel() {
  const cells = new AsyncLocalStorage<Header>();
  const sent: unknown[][] = [];
  const reports: [error: unknown, cell: string | undefined, context: string | undefined][] = [];
  const comms = createComms<Header>({
    send: (type, content, { metadata, buffers, parent }) =>
      sent.push([
        type,
        content,
        ...(Object.keys(metadata).length > 0 ? [metadata] : []),
        ...buffers,
        ...(parent ? [`parent ${parent.msg_id}`] : []),
      ]),
    report: (error, parent) => reports.push([error, parent?.msg_id, cells.getStore()?.msg_id]),
    parent: () => cells.getStore(),
    bind: (work) => {
      const store = cells.getStore()!;
      return (...args) => cells.run(store, () => work(...args));
    },
  });
  const client = (
    type: string,
    content: Record<string, unknown>,
    { id = `${type} of client`, metadata = {}, buffers = [] as Uint8Array[] } = {},
  ): void => {
    comms.handle({ header: { msg_id: id, msg_type: type }, metadata, content, buffers });
  };
  const cell = <T>(id: string, work: () => T): T =>
    cells.run({ msg_id: id, msg_type: 'execute_request' }, work);
  return { comms, sent, reports, client, cell, current: () => cells.getStore()?.msg_id };
}

test('a comm of the kernel is opened, used and closed', () => {
  const { comms, sent, client } = kernel();
  const bytes = new Uint8Array([1, 2, 3]);
  const comm = comms.open('target', { a: 1 }, { id: 'c', metadata: { version: '2' }, buffers: [bytes] });
  comm.send({ b: 2 }, { metadata: { m: 1 }, buffers: [bytes, bytes] });
  const received: CommMessage[] = [];
  const stop = comm.onMessage((message) => received.push(message));
  client('comm_msg', { comm_id: 'c', data: { x: 1 } }, { metadata: { y: 2 }, buffers: [bytes] });
  stop();
  client('comm_msg', { comm_id: 'c', data: { x: 2 } });
  assert.deepEqual(received, [{ data: { x: 1 }, metadata: { y: 2 }, buffers: [bytes] }]);
  assert.deepEqual(comms.info(), { status: 'ok', comms: { c: { target_name: 'target' } } });
  comm.close({ bye: true });
  assert.equal(comm.closed, true);
  comm.send({ late: true });
  comm.close();
  assert.deepEqual(sent, [
    [
      'comm_open',
      { comm_id: 'c', target_name: 'target', target_module: null, data: { a: 1 } },
      { version: '2' },
      bytes,
    ],
    ['comm_msg', { comm_id: 'c', data: { b: 2 } }, { m: 1 }, bytes, bytes],
    ['comm_close', { comm_id: 'c', data: { bye: true } }],
  ]);
  assert.deepEqual(comms.info(), { status: 'ok', comms: {} });
});

test('a comm of a client reaches the handler of its target, and answers have the request as parent', () => {
  const { comms, sent, client } = kernel();
  const unregister = comms.register('echo', (comm, { data }) => {
    comm.send({ opened: data });
    comm.onMessage((message) => {
      comm.send({ echo: message.data });
    });
  });
  client('comm_open', { comm_id: 'c', target_name: 'echo', data: { a: 1 } }, { id: 'm1' });
  client('comm_msg', { comm_id: 'c', data: { b: 2 } }, { id: 'm2' });
  assert.deepEqual(sent, [
    ['comm_msg', { comm_id: 'c', data: { opened: { a: 1 } } }, 'parent m1'],
    ['comm_msg', { comm_id: 'c', data: { echo: { b: 2 } } }, 'parent m2'],
  ]);
  comms.open('other');
  assert.deepEqual(comms.info('echo'), { status: 'ok', comms: { c: { target_name: 'echo' } } });
  unregister();
  client('comm_open', { comm_id: 'd', target_name: 'echo', data: {} }, { id: 'm3' });
  assert.deepEqual(sent.at(-1), ['comm_close', { comm_id: 'd', data: {} }, 'parent m3']);
});

test('a comm to an unknown target is closed, and malformed messages are ignored', () => {
  const { comms, sent, reports, client } = kernel();
  client('comm_open', { comm_id: 'c', target_name: 'nobody', data: {} }, { id: 'm1' });
  assert.deepEqual(sent, [['comm_close', { comm_id: 'c', data: {} }, 'parent m1']]);
  sent.length = 0;
  client('comm_msg', { comm_id: 'unknown', data: {} });
  client('comm_close', { comm_id: 'unknown', data: {} });
  client('comm_msg', { data: {} });
  client('comm_open', { comm_id: 7, target_name: 'x' });
  client('comm_rubbish', { comm_id: 'c' });
  const comm = comms.open('target', {}, { id: 'k' });
  const datas: unknown[] = [];
  comm.onMessage(({ data }) => datas.push(data));
  client('comm_msg', { comm_id: 'k' });
  client('comm_msg', { comm_id: 'k', data: 'text' });
  assert.deepEqual(datas, [{}, {}]);
  // An id that is in use keeps its comm.
  client('comm_open', { comm_id: 'k', target_name: 'nobody' });
  assert.throws(() => comms.open('target', {}, { id: 'k' }), /k is open already/);
  assert.equal(comm.closed, false);
  assert.equal(sent.length, 1);
  assert.deepEqual(reports, []);
});

test('closing by a client is heard once, and by nobody where the kernel closes', () => {
  const { comms, sent, client } = kernel();
  const heard: unknown[] = [];
  const comm = comms.open('t', {}, { id: 'c' });
  comm.onClose(({ data }) => heard.push(data));
  comm.onMessage(() => heard.push('message'));
  client('comm_close', { comm_id: 'c', data: { why: 1 } });
  client('comm_close', { comm_id: 'c', data: { why: 2 } });
  client('comm_msg', { comm_id: 'c', data: {} });
  const other = comms.open('t', {}, { id: 'd' });
  other.onClose(() => heard.push('closed'));
  other.close();
  assert.deepEqual(heard, [{ why: 1 }]);
  assert.equal(comm.closed, true);
  assert.deepEqual(
    sent.map(([type, content]) => [type, (content as { comm_id: string }).comm_id]),
    [
      ['comm_open', 'c'],
      ['comm_open', 'd'],
      ['comm_close', 'd'],
    ],
  );
});

test('a comm that is closed leaves another alone that has got its id', () => {
  const { comms, sent } = kernel();
  const first = comms.open('t', {}, { id: 'c' });
  first.close();
  const second = comms.open('t', {}, { id: 'c' });
  first.close();
  assert.equal(second.closed, false);
  assert.deepEqual(
    sent.map(([type]) => type),
    ['comm_open', 'comm_close', 'comm_open'],
  );
  assert.deepEqual(Object.keys(comms.info()['comms'] as object), ['c']);
});

test('errors of listeners are reported to the cell that opened the comm, and hinder nobody', async () => {
  const { comms, reports, client, cell, current } = kernel();
  const seen: unknown[] = [];
  const comm = cell('cell 1', () => comms.open('t', {}, { id: 'c' }));
  cell('cell 2', () => {
    comm.onMessage(() => {
      throw new Error('at once');
    });
    comm.onMessage(async () => {
      await wait(1);
      throw new Error('later');
    });
    comm.onMessage(() => seen.push(current()));
  });
  cell('cell 3', () => {
    client('comm_msg', { comm_id: 'c', data: {} });
  });
  assert.deepEqual(seen, ['cell 1'], 'listeners run as if the cell that opened the comm had started them');
  await wait(20);
  assert.deepEqual(
    reports.map(([error, ...where]) => [(error as Error).message, ...where]),
    [
      ['at once', 'cell 1', 'cell 1'],
      ['later', 'cell 1', 'cell 1'],
    ],
  );
});

test('a comm whose handler fails is closed', async () => {
  const { comms, sent, reports, client } = kernel();
  comms.register('bad', () => {
    throw new Error('no');
  });
  comms.register('worse', () => Promise.reject(new Error('not either')));
  client('comm_open', { comm_id: 'c', target_name: 'bad', data: {} }, { id: 'm1' });
  client('comm_open', { comm_id: 'd', target_name: 'worse', data: {} }, { id: 'm2' });
  await wait(1);
  assert.deepEqual(
    sent.map(([type, content]) => [type, content]),
    [
      ['comm_close', { comm_id: 'c', data: {} }],
      ['comm_close', { comm_id: 'd', data: {} }],
    ],
  );
  assert.deepEqual(
    reports.map(([error, parent]) => [(error as Error).message, parent]),
    [
      ['no', 'm1'],
      ['not either', 'm2'],
    ],
  );
  assert.deepEqual(comms.info(), { status: 'ok', comms: {} });
});

test('what is sent after the answer has the running cell as parent again', async () => {
  const { comms, sent, client } = kernel();
  const comm = comms.open('t', {}, { id: 'c' });
  comm.onMessage(async () => {
    comm.send({ at: 'once' });
    await wait(1);
    comm.send({ at: 'later' });
  });
  client('comm_msg', { comm_id: 'c', data: {} }, { id: 'm1' });
  await wait(10);
  assert.deepEqual(sent.slice(1), [
    ['comm_msg', { comm_id: 'c', data: { at: 'once' } }, 'parent m1'],
    ['comm_msg', { comm_id: 'c', data: { at: 'later' } }],
  ]);
});

test('what cannot be sent fails where it is sent, and leaves no comm behind', () => {
  const { comms, sent } = kernel();
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const refused =
    /^TypeError: data\["self"\] is an object that holds itself: what is sent over a comm can hold/;
  assert.throws(() => comms.open('t', circular, { id: 'c' }), refused);
  assert.deepEqual(comms.info(), { status: 'ok', comms: {} });
  const comm = comms.open('t', {}, { id: 'c' });
  assert.throws(() => {
    comm.send(circular);
  }, refused);
  comm.send({ list: new Uint8Array([1, 2]) });
  assert.deepEqual(
    sent.map(([type, content]) => [type, (content as { data: unknown }).data]),
    [
      ['comm_open', {}],
      ['comm_msg', { list: [1, 2] }],
    ],
  );
});

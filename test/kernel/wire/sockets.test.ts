import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { Client, startKernel, type Running } from './kernel/client.ts';

const kernelFor = async (t: TestContext, ...how: Parameters<typeof startKernel>): Promise<Running> => {
  const kernel = await startKernel(...how);
  t.after(() => {
    kernel.stop();
  });
  return kernel;
};

/** Code of a cell that runs, or waits where `waits`, until the file is there: then the test has seen what it wants to see. */
const until = (file: string, waits = false): string =>
  `const { existsSync } = process.getBuiltinModule("node:fs");
  while (!existsSync(${JSON.stringify(file)})) ${waits ? 'await new Promise((r) => setTimeout(r, 5))' : ''};`;

describe('requests', () => {
  let kernel: Running;
  let client: Client;
  let files = 0;
  before(async () => {
    kernel = await startKernel();
    ({ client } = kernel);
  });
  after(() => {
    kernel.stop();
  });
  /** A file that is not there yet. */
  const newFile = () => path.join(kernel.folder, `file ${++files}`);

  test('kernel_info, on shell and control, also while a cell blocks the main thread', async () => {
    const enough = newFile();
    const cell = client.send('execute_request', { code: until(enough) });
    await client.until(() => client.outputs(cell).includes('execute_input'));
    for (const channel of ['shell', 'control'] as const) {
      const { content, header } = await client.ask('kernel_info_request', {}, channel);
      assert.ok(!client.outputs(cell).includes('status idle'), 'the cell still runs');
      assert.equal(header.msg_type, 'kernel_info_reply');
      assert.equal(content['protocol_version'], '5.5');
      assert.equal(content['implementation'], 'msl-kernel');
      assert.equal(content['debugger'], false);
      assert.deepEqual(content['supported_features'], ['kernel subshells']);
    }
    assert.deepEqual(
      client.outputs(cell).slice(-2),
      ['status busy', 'status busy'],
      'that the cell still runs is said again after each',
    );
    fs.writeFileSync(enough, '');
    assert.equal((await client.reply(cell)).content['status'], 'ok');
    assert.equal(client.outputs(cell).at(-1), 'status idle');
  });

  test('a cell: its messages in order, with its header, from one session', async () => {
    const id = client.send('execute_request', { code: 'print("a"); print("b"); return 3' });
    const reply = await client.reply(id);
    assert.deepEqual(client.outputs(id), [
      'status busy',
      'execute_input',
      'stream ab',
      'execute_result',
      'status idle',
    ]);
    assert.equal(reply.parent.session, client.session);
    assert.equal(new Set(client.received.map(({ message }) => message.header.session)).size, 1);
    const topics = client
      .of(id)
      .flatMap(({ message, where }) => (where === 'iopub' ? message.identities : []));
    assert.match(Buffer.from(topics[0]!).toString(), /^kernel\.[\da-f-]+\.status$/);
  });

  test('output of a running loop comes while it runs', async () => {
    const seen = newFile();
    const id = client.send('execute_request', { code: `print("now"); ${until(seen)}` });
    await client.until(() => client.outputs(id).includes('stream now'));
    assert.ok(!client.outputs(id).includes('status idle'));
    fs.writeFileSync(seen, '');
    await client.reply(id);
  });

  test('binary buffers, both ways', async () => {
    const id = client.send('execute_request', { code: 'show(1, 2, 255)' });
    await client.reply(id);
    const shown = client.of(id).find(({ message }) => message.header.msg_type === 'display_data');
    assert.deepEqual(shown?.message.buffers, [Uint8Array.of(1, 2, 255)]);
    const comm = client.send('comm_msg', { comm_id: 'c', data: { x: 1 } });
    await client.until(() => client.outputs(comm).includes('status idle'));
    const echo = client.of(comm).find(({ message }) => message.header.msg_type === 'comm_msg');
    assert.deepEqual(echo?.message.content['data'], { x: 1 });
  });

  test('complete, inspect, is_complete: positions are characters', async () => {
    const code = "'\u{1f600}'.na";
    const complete = await client.ask('complete_request', { code, cursor_pos: 6 });
    assert.deepEqual(complete.content, {
      status: 'ok',
      matches: ['name', '7 units'],
      cursor_start: 4,
      cursor_end: 6,
      metadata: {
        _jupyter_types_experimental: [
          { start: 4, end: 6, text: 'name', type: 'property', signature: 'name: string' },
        ],
      },
    });
    const inspect = async (content: object) =>
      (await client.ask('inspect_request', { code: 'a b', ...content })).content;
    assert.deepEqual((await inspect({ cursor_pos: 0, detail_level: 1 }))['data'], { 'text/plain': '|1' });
    assert.deepEqual(await inspect({ cursor_pos: 1 }), {
      status: 'ok',
      found: false,
      data: {},
      metadata: {},
    });
    const isComplete = async (text: string) =>
      (await client.ask('is_complete_request', { code: text })).content;
    assert.deepEqual(await isComplete('{'), { status: 'incomplete', indent: '  ' });
    assert.deepEqual(await isComplete('1'), { status: 'complete' });
  });

  test('history', async () => {
    await client.run('/* to be found */ return 1');
    const content = { hist_access_type: 'search', pattern: '*found*', output: true, raw: true, n: 5 };
    const { history } = (await client.ask('history_request', content)).content as { history: unknown[][] };
    assert.deepEqual(history.at(-1)?.[2], ['/* to be found */ return 1', 'out']);
  });

  test('usage, with the names that ipykernel gives it', async () => {
    const { header, content } = await client.ask('usage_request', {}, 'control');
    assert.equal(header.msg_type, 'usage_reply');
    assert.ok(Number.isInteger(content['pid']));
    const memory = content['host_virtual_memory'] as Record<'total' | 'available' | 'percent', number>;
    assert.ok((content['kernel_memory'] as number) > 1e7 && memory.total > memory.available);
    for (const share of [content['kernel_cpu'], content['host_cpu_percent'], memory.percent]) {
      assert.ok(Number.isFinite(share) && (share as number) >= 0, JSON.stringify(content));
    }
  });

  test('what cannot be answered is an error, with busy and idle', async () => {
    const wrong: [string, object, RegExp][] = [
      ['execute_request', {}, /code has to be a string: missing/],
      ['execute_request', { code: 'x', silent: 'yes' }, /silent has to be a boolean: "yes"/],
      ['complete_request', { code: 'x', cursor_pos: 2 }, /cursor_pos 2 lies outside/],
      ['history_request', { hist_access_type: 'none' }, /range, tail or search/],
      ['invented_request', {}, /does not know invented_request/],
      ['toString', {}, /^/],
      ['debug_request', { command: 'attach', seq: 3 }, /no debugger/],
      ['delete_subshell_request', { subshell_id: 'x' }, /no subshell x/],
    ];
    for (const [type, content, message] of wrong) {
      const id = client.send(type, { ...content });
      if (type.endsWith('_request')) {
        const reply = await client.reply(id);
        assert.equal(reply.content['status'], 'error');
        assert.match(String(reply.content['evalue']), message);
        assert.deepEqual(reply.content['traceback'], []);
      } else await client.until(() => client.outputs(id).includes('status idle'));
      assert.deepEqual(client.outputs(id).slice(0, 2), ['status busy', 'status idle'], type);
    }
  });

  test('subshells', async () => {
    const control = async (type: string, content = {}) =>
      (await client.ask(type, content, 'control')).content;
    const { subshell_id: id } = (await control('create_subshell_request')) as { subshell_id: string };
    assert.deepEqual(await control('list_subshell_request'), { status: 'ok', subshell_id: [id] });
    const inside = await client.ask('execute_request', { code: '' }, 'shell', { subshell_id: id });
    assert.equal(inside.content['status'], 'ok');
    assert.equal(inside.parent.subshell_id, id);
    assert.deepEqual(await control('delete_subshell_request', { subshell_id: id }), { status: 'ok' });
    const gone = await client.ask('execute_request', { code: '' }, 'shell', { subshell_id: id });
    assert.match(String(gone.content['evalue']), /no subshell/);
  });

  test('the first subscriber learns that the kernel is new; each is welcomed; the heart beats', async () => {
    const starting = (of: Client): number =>
      of.received.filter(({ message }) => message.content['execution_state'] === 'starting').length;
    const fresh = await startKernel();
    await fresh.client.until(() => starting(fresh.client) > 0);
    const second = new Client(fresh.connection, 'second');
    await second.until(() =>
      second.received.find(({ message }) => message.header.msg_type === 'iopub_welcome'),
    );
    await second.ask('kernel_info_request', {});
    assert.deepEqual([starting(fresh.client), starting(second)], [1, 0]);
    second.close();
    fresh.stop();
    client.beat('ping');
    await client.until(() => client.heartbeats.includes('ping'));
  });

  test('who subscribes late learns that its requests have ended, and which cell still runs', async () => {
    const late = new Client(kernel.connection, 'late', false);
    const known = late.send('kernel_info_request', {});
    await late.until(() =>
      late.of(known).some(({ message }) => message.header.msg_type === 'kernel_info_reply'),
    );
    const told = newFile();
    const cell = client.send('execute_request', { code: until(told, true) });
    await client.until(() => client.outputs(cell).includes('status busy'));
    late.subscribe();
    await late.reply(known);
    await late.until(() => late.outputs(cell).includes('status busy'));
    const statuses = late.received.filter(({ message }) => message.header.msg_type === 'status');
    assert.equal(statuses.at(-1)?.message.content['execution_state'], 'busy');
    fs.writeFileSync(told, '');
    await late.until(() => late.outputs(cell).includes('status idle'));
    late.close();
  });

  describe('questions', () => {
    const asked = (id: string) => client.until(() => client.of(id).find(({ where }) => where === 'stdin'));
    for (const ask of ['return prompt("who? ")', 'return await ask("who? ", true)']) {
      test(ask, async () => {
        const id = client.send('execute_request', { code: ask });
        const { message } = await asked(id);
        assert.deepEqual(message.content, { prompt: 'who? ', password: ask.includes('await') });
        const stranger = new Client(kernel.connection, 'stranger');
        stranger.answer('from somebody else');
        client.answer('to another question', { msg_id: 'other' });
        client.answer(7);
        await wait(100);
        stranger.close();
        client.answer('ada', message.header);
        client.answer('too late');
        await client.reply(id);
        const result = client.of(id).find(({ message: { header } }) => header.msg_type === 'execute_result');
        assert.deepEqual(result?.message.content['data'], { 'text/plain': 'ada' });
      });
    }

    test('one after the other', async () => {
      const id = client.send('execute_request', {
        code: 'return (await Promise.all([ask("1"), ask("2")])).join()',
      });
      await asked(id);
      await wait(50);
      assert.equal(client.of(id).filter(({ where }) => where === 'stdin').length, 1);
      client.answer('a');
      await client.until(() => client.of(id).filter(({ where }) => where === 'stdin').length === 2);
      client.answer('b');
      await client.reply(id);
      assert.ok(client.of(id).some(({ message }) => JSON.stringify(message.content).includes('a,b')));
    });

    test('an interrupt wakes a main thread that waits for an answer', async () => {
      const id = client.send('execute_request', { code: 'prompt("?")' });
      await asked(id);
      client.send('interrupt_request', {}, 'control');
      assert.equal((await client.reply(id)).content['ename'], 'InterruptedError');
      assert.equal((await client.run('')).content['status'], 'ok', 'and only that cell');
    });
  });

  describe('interrupts', () => {
    // They say when they are where they are to be stopped: an interrupt before that would be of something else.
    const LOOPS = {
      'a loop': 'print("there"); for (;;);',
      'a loop after an await': 'await null; print("there"); for (;;);',
      'a loop of awaits': 'print("there"); for (;;) await null',
      'an await': 'print("there"); await new Promise(() => undefined)',
      'a loop in a timer': 'await new Promise(() => setTimeout(() => { print("there"); for (;;); }, 5))',
      'a loop in an immediate': 'await new Promise(() => setImmediate(() => { print("there"); for (;;); }))',
      'a loop after a timer': 'await new Promise((r) => setTimeout(r, 5)); print("there"); for (;;);',
      'a loop that catches': 'print("there"); for (;;) try { for (;;); } catch {}',
      'a process':
        'const { execSync } = await import("node:child_process"); print("there"); execSync("sleep 90")',
      'a blocking wait': 'print("there"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
      'a loop, by a signal': 'print("there"); signal(); for (;;);',
    };
    const isThere = (id: string) => client.until(() => client.outputs(id).includes('stream there'));
    for (const [name, code] of Object.entries(LOOPS)) {
      test(name, async () => {
        for (let round = 0; round < 2; round++) {
          const id = client.send('execute_request', { code });
          await isThere(id);
          await wait(60);
          if (!name.endsWith('signal')) await client.ask('interrupt_request', {}, 'control');
          const { content } = await client.reply(id);
          assert.equal(content['ename'], 'Interrupted');
          assert.equal((await client.run('')).content['status'], 'ok');
        }
      });
    }

    test('the immediates around one that is stopped still run, and the event loop rests', async () => {
      for (const stopped of [0, 1, 3]) {
        const id = client.send('execute_request', {
          code: `globalThis.ran = []; await new Promise(() => {
            for (let i = 0; i < 4; i++) setImmediate(() => { ran.push(i); if (i === ${stopped}) { print("there"); for (;;); } });
          });`,
        });
        await isThere(id);
        await client.ask('interrupt_request', {}, 'control');
        assert.equal((await client.reply(id)).content['ename'], 'Interrupted');
        const after = client.send('execute_request', {
          code: `await new Promise((resolve) => setImmediate(resolve));
            const waiting = process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length;
            print(JSON.stringify([ran, waiting]));`,
        });
        await client.reply(after);
        assert.ok(client.outputs(after).includes('stream [[0,1,2,3],0]'), client.outputs(after).join());
      }
    });

    test('when nothing runs, nothing happens', async () => {
      for (let i = 0; i < 20; i++) {
        client.send('interrupt_request', {}, 'control');
        await wait(i);
      }
      await wait(600);
      assert.equal((await client.run('')).content['status'], 'ok');
    });

    test('one that was sent before the cell, but came after it, is forgotten', async () => {
      const seen = newFile();
      const code = `print("there"); ${until(seen, true)} return "whole"`;
      const id = client.send('execute_request', { code });
      await isThere(id);
      const { date } = client.of(id)[0]!.message.parent;
      const before = new Date(Date.parse(date!) - 1000).toISOString();
      const { content } = await client.ask('interrupt_request', {}, 'control', { date: before });
      assert.equal(content['status'], 'ok');
      await client.ask('comm_info_request', {}); // main has heard of all that came before
      fs.writeFileSync(seen, '');
      assert.equal((await client.reply(id)).content['status'], 'ok');
    });

    test('a process that runs beside the cells goes on', { skip: process.platform !== 'linux' }, async () => {
      const start = `const { spawn, execSync } = await import("node:child_process");
        globalThis.server = spawn("sleep", ["60"]); print("blocked"); execSync("sleep 90");`;
      const id = client.send('execute_request', { code: start });
      await client.until(() => client.outputs(id).includes('stream blocked'));
      await client.ask('interrupt_request', {}, 'control');
      assert.equal((await client.reply(id)).content['ename'], 'Interrupted');
      const end =
        'print(server.signalCode ?? (server.kill(), await new Promise((r) => server.once("exit", (_, by) => r(by)))))';
      const after = client.send('execute_request', { code: end });
      await client.reply(after);
      assert.ok(client.outputs(after).includes('stream SIGTERM'), client.outputs(after).join());
    });

    test('what cannot be stopped is said so', async () => {
      const [deaf, said] = [newFile(), newFile()];
      const command = `trap '' INT; : > '${deaf}'; until [ -e '${said}' ]; do sleep 0.1; done`;
      const code = `const { execSync } = await import("node:child_process"); execSync(${JSON.stringify(command)}); for (;;);`;
      const id = client.send('execute_request', { code });
      await client.until(() => fs.existsSync(deaf));
      await client.ask('interrupt_request', {}, 'control');
      await client.until(() => /native code.*Restart/.test(client.outputs(id).join()));
      fs.writeFileSync(said, '');
      assert.equal((await client.reply(id)).content['ename'], 'Interrupted');
    });
  });
});

describe('the end', () => {
  for (const channel of ['control', 'shell'] as const) {
    test(`shutdown on ${channel}`, async (t) => {
      const { client, ended, errors } = await kernelFor(t);
      const id = client.send('shutdown_request', { restart: true }, channel);
      const { content } = await client.reply(id);
      assert.deepEqual(content, { status: 'ok', restart: true });
      assert.deepEqual(client.outputs(id), ['status busy', 'shutdown_reply', 'status idle']);
      assert.deepEqual(await ended, { code: 0, signal: null });
      assert.equal(errors(), '');
    });
  }

  test('of a kernel that hangs in native code', async (t) => {
    const { client, ended } = await kernelFor(t);
    const id = client.send('execute_request', {
      code: 'const { execSync } = await import("node:child_process"); print("last"); execSync("sleep 90")',
    });
    await client.until(() => client.outputs(id).includes('stream last'));
    const reply = await client.ask('shutdown_request', {}, 'control');
    assert.equal(reply.content['restart'], false);
    assert.deepEqual(await ended, { code: null, signal: 'SIGKILL' });
  });

  test('a blocked kernel whose compiler has ended is killed rather than silent for ever', async (t) => {
    const { client, ended, errors } = await kernelFor(t);
    client.send('execute_request', {
      code: 'endCompiler(); await new Promise((r) => setTimeout(r, 100)); for (;;);',
    });
    assert.deepEqual(await ended, { code: null, signal: 'SIGKILL' });
    assert.match(errors(), /compiler has ended/);
  });

  test('of a kernel that waits for an answer', async (t) => {
    const { client, ended } = await kernelFor(t);
    const id = client.send('execute_request', { code: 'prompt("?")' });
    await client.until(() => client.of(id).some(({ where }) => where === 'stdin'));
    await client.ask('shutdown_request', {}, 'control');
    assert.deepEqual(await ended, { code: 0, signal: null });
  });

  test('by the cell itself: what it wrote is sent', async (t) => {
    const { client, ended } = await kernelFor(t);
    const code = 'for (let i = 0; i < 10_000; i++) print("x".repeat(100)); print("end"); process.exit(3)';
    const id = client.send('execute_request', { code });
    assert.deepEqual(await ended, { code: 3, signal: null });
    const written = () =>
      client
        .outputs(id)
        .map((text) => /^stream (.*)$/.exec(text)?.[1] ?? '')
        .join('');
    await client.until(() => written().endsWith('end'));
    assert.equal(written(), `${'x'.repeat(1_000_000)}end`);
  });

  test('with its parent', async (t) => {
    const parent = 2 ** 22 + 1; // beyond the largest process id of Linux
    const { ended } = await kernelFor(t, {}, { JPY_PARENT_PID: String(parent) });
    assert.deepEqual(await ended, { code: 0, signal: null });
  });
});

describe('connections', () => {
  test('files in place of ports', async (t) => {
    const { client } = await kernelFor(t, { transport: 'ipc' });
    assert.equal((await client.run('return 1')).content['status'], 'ok');
  });

  test('unsigned messages where the key is empty', async (t) => {
    const { client } = await kernelFor(t, { key: '' });
    client.received.length = 0;
    const id = client.send('kernel_info_request', {});
    assert.equal((await client.reply(id)).content['status'], 'ok');
  });

  test('no address that others can reach', async (t) => {
    const { ended, errors } = await kernelFor(t, { ip: '0.0.0.0' });
    assert.notEqual((await ended).code, 0);
    assert.match(errors(), /listens on this machine only .*MSL_KERNEL_REMOTE=1/);
  });

  test('a port that is taken', async (t) => {
    const first = await kernelFor(t);
    const { ended, errors } = await kernelFor(t, { hb_port: first.connection.hb_port });
    assert.notEqual((await ended).code, 0);
    assert.match(errors(), /EADDRINUSE|in use/);
  });

  test('output of native code, before what is posted after it', async (t) => {
    const { client, folder } = await kernelFor(t, {}, { NATIVE_STDOUT: '1' });
    const file = path.join(folder, 'native', 'stdout');
    assert.equal(fs.existsSync(file), false, 'the file is removed when it is open');
    const id = client.send('execute_request', {
      code: 'writeNative("from native code\\n"); drain(); print("after")',
    });
    await client.reply(id);
    const streams = client.outputs(id).filter((text) => text.startsWith('stream'));
    assert.deepEqual(streams, ['stream from native code\n', 'stream after']);
    const late = client.send('execute_request', { code: 'setTimeout(() => writeNative("late"), 50)' });
    await client.until(() => client.outputs(late).includes('stream late'));
  });
});

/**
 * A kernel with the real sockets thread and the least main thread that uses it: cells are JavaScript, evaluated one
 * after the other. In them `print`, `show` (output with binary buffers), `ask` and `prompt` are at hand. Its
 * compiler completes, inspects and judges by fixed rules.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';

import { watchChildren } from '../../../../src/kernel/execution/children.ts';
import { serve } from '../../../../src/kernel/rpc.ts';
import { askSync } from '../../../../src/kernel/wire/ask.ts';
import type { Connection, Content, Message } from '../../../../src/kernel/wire/messages.ts';
import type { FromMain, LanguageMethods, ToMain } from '../../../../src/kernel/wire/protocol.ts';
import { acknowledge, closeSockets, createShared } from '../../../../src/kernel/wire/shared.ts';
import type { SocketsData } from '../../../../src/kernel/wire/sockets.ts';

const connection = JSON.parse(fs.readFileSync(process.argv[2]!, 'utf8')) as Connection;
const shared = createShared();
const main = new MessageChannel();
const language = new MessageChannel();
const signals = new MessageChannel();
const native = path.join(path.dirname(process.argv[2]!), 'native', 'stdout');
let nativeFile = 1;
if (process.env['NATIVE_STDOUT'] === '1') {
  fs.mkdirSync(path.dirname(native));
  nativeFile = fs.openSync(native, 'a');
}
const data: SocketsData = {
  connection,
  main: main.port2,
  language: language.port2,
  signals: signals.port2,
  shared,
  versions: { kernel: '0.0.1', typescript: '5.9.3' },
  subshells: true,
  ...(nativeFile === 1 ? {} : { output: { stdout: native } }),
};
new Worker(new URL('./start.cjs', import.meta.url), {
  workerData: data,
  transferList: [main.port2, language.port2, signals.port2],
});

serve(language.port1, {
  complete: (code: string, position: number) => {
    const start = code.slice(0, position).search(/\w*$/);
    const types = [{ text: 'name', type: 'property', signature: 'name: string' }];
    return { start, end: position, matches: ['name', `${code.length} units`], types };
  },
  inspect: (code: string, position: number, detail: 0 | 1) =>
    code[position] === ' ' ? undefined : { 'text/plain': `${code.slice(0, position)}|${detail}` },
  isComplete: (code: string) =>
    code.endsWith('{')
      ? { status: 'incomplete', indent: '  ' }
      : { status: code === 'hang' ? 'invalid' : 'complete' },
} satisfies LanguageMethods);

const { port1: port } = main;
const post = (message: FromMain) => {
  port.postMessage(message);
};
watchChildren((id, running) => {
  post({ kind: 'child', id, running });
});
let running: Message | undefined;
let count = 0;
let lastAsk = 0;
let stop: (error: Error) => void = () => undefined;
const asked = new Map<number, (value: string) => void>();

const publish = (parent: Message | undefined, type: string, content: Content, buffers?: Uint8Array[]) => {
  post({ kind: 'publish', parent: parent?.header, type, content, ...(buffers ? { buffers } : {}) });
};
const interrupted = () => Object.assign(new Error('stopped'), { name: 'Interrupted' });

Object.assign(globalThis, {
  print: (text: string) => {
    publish(running, 'stream', { name: 'stdout', text });
  },
  show: (...bytes: number[]) => {
    publish(running, 'display_data', { data: {}, metadata: {}, transient: {} }, [Uint8Array.from(bytes)]);
  },
  prompt: (text: string) => askSync(port, running!, text),
  ask: (text: string, password = false) => {
    post({ kind: 'ask', id: ++lastAsk, request: running!, prompt: text, password });
    return new Promise<string>((resolve) => asked.set(lastAsk, resolve));
  },
  signal: () => {
    signals.port1.postMessage('sigint');
  },
  writeNative: (text: string) => fs.writeSync(nativeFile, text),
  endCompiler: () => {
    language.port1.close();
  },
  drain: () => {
    post({ kind: 'drain' });
  },
});

async function execute(request: Message): Promise<void> {
  const { header, content } = request;
  running = request;
  post({ kind: 'cell', running: true, parent: header });
  publish(request, 'status', { execution_state: 'busy' });
  const code = content['code'] as string;
  if (content['silent'] !== true) publish(request, 'execute_input', { code, execution_count: ++count });
  if (content['store_history'] === true) post({ kind: 'executed', line: count, code, output: 'out' });
  let reply: Content = { status: 'ok', execution_count: count, payload: [], user_expressions: {} };
  try {
    const cell = (0, eval)(`(async () => { ${code}\n })`) as () => Promise<unknown>;
    // In a turn of its own: code that is ended from outside takes all that called it with it.
    const value = await new Promise((resolve, reject) => {
      stop = reject;
      setImmediate(() => {
        cell().then(resolve, reject);
      });
    });
    const text = { 'text/plain': String(value) };
    publish(request, 'execute_result', { execution_count: count, data: text, metadata: {} });
  } catch (error) {
    const { name: ename, message: evalue } = error as Error;
    publish(request, 'error', { ename, evalue, traceback: [] });
    reply = { status: 'error', execution_count: count, ename, evalue, traceback: [] };
  }
  post({ kind: 'reply', request, content: reply });
  publish(request, 'status', { execution_state: 'idle' });
  post({ kind: 'cell', running: false, parent: header });
}

let queue = Promise.resolve();
port.on('message', (message: ToMain) => {
  if (message.kind === 'request') {
    const { request } = message;
    const type = request.header.msg_type;
    if (type === 'execute_request') queue = queue.then(() => execute(request));
    else {
      publish(request, 'status', { execution_state: 'busy' });
      if (type === 'comm_info_request')
        post({ kind: 'reply', request, content: { status: 'ok', comms: {} } });
      else publish(request, 'comm_msg', { ...request.content, type }, [...request.buffers]);
      publish(request, 'status', { execution_state: 'idle' });
    }
  } else if (message.kind === 'reply') asked.get(message.id)?.(message.value ?? '');
  else if (message.kind === 'interrupt') {
    if (acknowledge(shared)) {
      post({ kind: 'interrupted' });
      stop(interrupted());
    }
  } else if (message.kind === 'terminated') stop(interrupted());
  else if (message.kind === 'shutdown') {
    void wait(5).then(() => process.exit());
  }
});
process.on('exit', () => {
  closeSockets(port, shared);
});

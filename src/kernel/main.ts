/** The kernel's main thread: it runs cells. Other threads talk to clients and to the compiler; see docs/kernel.md. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';

import { createComms } from './comms/index.ts';
import { createBridge, installBridge } from './execution/bridge.ts';
import { bindToCell, Interrupted, leaveCell, owner, watchForInterrupts } from './execution/cell.ts';
import { watchChildren } from './execution/children.ts';
import { createExcerpt } from './execution/excerpt.ts';
import { Interpreter } from './execution/interpreter.ts';
import { createMagic } from './execution/magic.ts';
import { Modules } from './execution/modules.ts';
import { orderChildren, redirectStreams } from './execution/native.ts';
import { captureStreams } from './execution/captureStreams.ts';
import { createQuestions, installDialogs } from './execution/questions.ts';
import { Shell } from './execution/shell.ts';
import { findFolders } from './folders.ts';
import type { LanguageMethods } from './language/language.ts';
import { describe } from './present/index.ts';
import { client } from './rpc.ts';
import { startThread } from './threads/start.ts';
import { checkConnection } from './wire/address.ts';
import type { Connection, Header } from './wire/messages.ts';
import type { FromMain, ToMain } from './wire/protocol.ts';
import { acknowledge, closeSockets, createShared } from './wire/shared.ts';

const [, , connectionFile] = process.argv;
if (connectionFile === undefined) {
  process.stderr.write('usage: node start.cjs CONNECTION_FILE (Jupyter starts it; try npm run lab)\n');
  process.exit(2);
}
/** What the kernel is started with; ends the process where that is not possible. */
function readConnection(file: string): Connection {
  try {
    const read = JSON.parse(fs.readFileSync(file, 'utf8')) as Connection;
    checkConnection(read);
    return read;
  } catch (error) {
    process.stderr.write(`The kernel cannot be started with ${file}: ${(error as Error).message}\n`);
    process.exit(1);
  }
}
const connection = readConnection(connectionFile);
const streams = redirectStreams();

const require = createRequire(import.meta.url);
const versionOf = (file: string): string => (require(file) as { version: string }).version;
const folders = findFolders(process.cwd());
const shared = createShared();
watchForInterrupts(shared);

// Who talks to whom: main to both others, sockets to the compiler, signals to sockets.
const [toSockets, toLanguage, asking, signalling] = Array.from({ length: 4 }, () => new MessageChannel());
const { port1: sockets } = toSockets!;

startThread(
  'sockets',
  {
    connection,
    main: toSockets!.port2,
    language: asking!.port1,
    signals: signalling!.port1,
    shared,
    versions: { kernel: versionOf('../../package.json'), typescript: versionOf('typescript/package.json') },
    output: streams,
    subshells: true,
  },
  [toSockets!.port2, asking!.port1, signalling!.port1],
);
startThread('language', { main: toLanguage!.port2, sockets: asking!.port2, folder: folders.notebooks }, [
  toLanguage!.port2,
  asking!.port2,
]);
startThread('signals', { sockets: signalling!.port2 }, [signalling!.port2]);

const post = (message: FromMain): void => {
  sockets.postMessage(message);
};
const language = client<LanguageMethods>(toLanguage!.port1);

const modules = new Modules(folders, {
  load: (file) => language.callSync('load', file),
  resolve: (name, from) => language.callSync('resolve', name, from),
});
const cellFile = path.join(folders.notebooks, 'cell.ts');
const interpreter = new Interpreter({
  language: {
    convert: (code, options) => language.call('convert', code, options),
    keep: (id, names) => language.call('keep', id, names),
    reset: () => language.call('reset'),
  },
  modules,
  meta: {
    url: pathToFileURL(cellFile).href,
    filename: cellFile,
    dirname: folders.notebooks,
    resolve: modules.resolve,
  },
  excerpt: createExcerpt((name) => shell.sourceOf(name)),
});
const comms = createComms<Header>({
  send: (type, content, { parent = owner()?.request.header, metadata, buffers }) => {
    post({ kind: 'publish', type, content, parent, metadata, buffers });
  },
  report: (error) => {
    owner()?.output.write('stderr', `${interpreter.describe(error).text}\n`);
  },
  parent: () => owner()?.request.header,
  bind: bindToCell,
});
const shell: Shell = new Shell({ post, interpreter, comms, present: (value) => describe(value) });
const questions = createQuestions(sockets);

sockets.on('message', (message: ToMain) => {
  switch (message.kind) {
    case 'request':
      shell.receive(message.request);
      break;
    case 'interrupt':
      if (!acknowledge(shared)) break;
      shell.interrupt(message.cells);
      post({ kind: 'interrupted' });
      break;
    case 'terminated':
      leaveCell();
      modules.forgetUnfinished();
      shell.terminated(message.cells);
      break;
    case 'reply':
      questions.answer(message.id, message.value);
      break;
    case 'subshell':
      shell.subshell(message.id, message.exists);
      break;
    case 'shutdown':
      shell.isShutdown = true;
      process.exit(0);
  }
});

process.on('exit', (code) => {
  shell.ending(code);
  closeSockets(sockets, shared);
});
// Not an event: listeners that others add to it, as Emscripten's modules do, may end the process.
process.setUncaughtExceptionCaptureCallback((error: Error & { isTermination?: boolean }) => {
  // What wire/termination.ts throws is nobody's.
  if ((error as typeof error | null | undefined)?.isTermination !== true) shell.lateError(error);
});
process.on('unhandledRejection', (error, promise) => {
  shell.lateError(error, promise);
});
captureStreams();
orderChildren(
  () => owner()?.output.flush(),
  () => {
    post({ kind: 'drain' });
  },
);
watchChildren((id, running) => {
  post({ kind: 'child', id, running });
});
const magic = createMagic({
  print: (stream, text) => owner()?.output.write(stream, text),
  display: (data) => owner()?.output.send('display_data', { data, metadata: {} }),
  names: () => interpreter.boxes.entries(),
  reset: () => interpreter.reset(),
  folder: folders.notebooks,
  run: (file) => modules.run(file),
  inspect: (name, detail) => language.call('inspect', name, name.length, detail),
  input: questions.input,
  signal: () => owner()?.abort.signal,
  interruption: () => new Interrupted(owner()?.name),
});
installBridge(createBridge({ input: questions.input, comms, magic }));
installDialogs(questions);

/** The thread of the compiler: main asks it for cells and modules, the sockets' thread for completions. */
import { workerData, type MessagePort } from 'node:worker_threads';

import { cache } from '../cache.cjs';
import { createLanguage } from '../language/language.ts';
import { findProject } from '../language/project.ts';
import { garbageCollector } from './garbage.ts';
import { serve } from './rpc.ts';

const { main, sockets, folder } = workerData as {
  readonly main: MessagePort;
  readonly sockets: MessagePort;
  /** The notebook's. */
  readonly folder: string;
};

const language = createLanguage(findProject(folder));
language.convert(''); // what the first cell would otherwise wait for
const collect = garbageCollector();
serve(main, language, collect);
serve(sockets, language, collect);

// Once the first cells have been answered.
setTimeout(() => {
  cache.prune();
}, 10_000).unref();

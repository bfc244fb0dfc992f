// Where every thread starts. In the source tree its code is TypeScript, which Node 20 cannot load, and a new thread does
// not have the loader of the one that starts it; a build holds JavaScript.
import { existsSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** Address of the thread's code, as of a TypeScript file. */
const source = new URL(workerData.entry);
let entry = new URL(source.href.replace(/\.ts$/, '.js'));
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  entry = source;
}
await import(entry.href);

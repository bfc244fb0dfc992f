// Where a thread that makes batches starts. In the source tree its code is TypeScript, which Node 20 cannot load, and
// a new thread does not have the loader of the one that starts it; a build holds JavaScript.
import { existsSync } from 'node:fs';

let entry = new URL('./make.js', import.meta.url);
const source = new URL('./make.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  entry = source;
}
await import(entry.href);

// @ts-check
// `npm run docs`: notebooks, documents and API as a static site that needs no network, in `site`.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildSite } from './docs/build.mjs';
import { ensureLab } from './lab/environment.mjs';
import { WrongUse, ensureDependencies } from './setup/index.mjs';
import { stopOnSignals } from './setup/process.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(root, 'site');

stopOnSignals();
try {
  await ensureDependencies({ root });
  const python = await ensureLab({ root });
  const began = performance.now();
  const { broken, links, away, pages } = await buildSite(out, { root, python });
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const address = path.relative(process.cwd(), path.join(out, 'index.html'));
  console.log(`${pages} pages in ${seconds} s: ${address}`);
  console.log(
    `${links} links, ${away} of them to the network, which were not visited; ${broken.length} lead nowhere.`,
  );
  for (const link of broken) console.error(link);
  if (broken.length > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  console.error(error.message);
  process.exitCode = error.status;
}

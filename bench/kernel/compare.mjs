// @ts-check
// `node bench/kernel/compare.mjs [conformance [KERNEL ...] | bench | table]`: the kernel beside its peers. Without an
// argument everything: an hour, most of it spent on kernels that do not answer. Writes bench/kernel/results, from which
// `table` makes docs/kernel-conformance.md. Needs the npm registry on first use.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { ensureLab } from '../../scripts/lab/environment.mjs';
import { jupyterEnvironment } from '../../scripts/lab/jupyter.mjs';
import { ensurePeers, peerVersions } from './peers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const results = path.join(here, 'results');
const [own = ''] = fs.readdirSync(path.join(root, 'jupyter', 'kernels'));

/** The kernelspec of each column of the table. */
const SPECS = { msl: own, tslab: 'peer-tslab', ipykernel: 'python3', deno: 'peer-deno' };

const [task, ...named] = process.argv.slice(2);
const python = await ensureLab({ root });
fs.mkdirSync(results, { recursive: true });

if (task === undefined || task === 'conformance') {
  for (const [name, specification] of Object.entries(SPECS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const out = path.join(results, `conformance-${name}.json`);
    // A check that fails is a result.
    run([
      path.join(root, 'test', 'kernel', 'conformance', 'run.py'),
      specification,
      ...['--project', root, '--snippets', name, '--out', out],
    ]);
  }
}
if (task === undefined || task === 'bench') {
  const kernels = Object.entries(SPECS).map(([name, specification]) => `${specification}=${name}`);
  run([path.join(here, 'bench.py'), path.join(results, 'bench.json'), '3', ...kernels]);
}
if (task === undefined || task === 'table') {
  const { tslab, deno } = peerVersions();
  const ask = 'import importlib.metadata; print(importlib.metadata.version("ipykernel"))';
  const ipykernel = spawnSync(python, ['-c', ask], { encoding: 'utf8' }).stdout.trim();
  const versions = { tslab: `tslab ${tslab}`, deno: `Deno ${deno}`, ipykernel: `ipykernel ${ipykernel}` };
  fs.writeFileSync(path.join(results, 'versions.json'), JSON.stringify(versions));
  const table = path.join(root, 'docs', 'kernel-conformance.md');
  run([path.join(here, 'table.py'), results, table]);
  const prettier = path.join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  spawnSync(process.execPath, [prettier, '--write', '--log-level=warn', table, results], {
    stdio: 'inherit',
  });
}

/** @param {string[]} args */
function run(args) {
  const env = jupyterEnvironment(root);
  if (!args[0]?.endsWith('table.py')) {
    env['JUPYTER_PATH'] = `${env['JUPYTER_PATH'] ?? ''}${path.delimiter}${ensurePeers()}`;
  }
  const { status, signal } = spawnSync(python, ['-B', ...args], { stdio: 'inherit', env });
  if (status === null) process.exit(signal === 'SIGINT' ? 130 : 1);
}

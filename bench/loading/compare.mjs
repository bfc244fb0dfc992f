// @ts-check
// `node bench/loading/compare.mjs PYTHON [ROUNDS]`: opening CIFAR-10 and an epoch of its batches, cropped and mirrored,
// beside torchvision. PYTHON has the packages of requirements.txt. Writes bench/results/loading.json.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = path.join(here, '..', '..');
const [, , python = 'python3', rounds = '5'] = process.argv;
const data = process.env['MSL_DATA'] ?? path.join(root, 'data');

/** @type {Record<string, (workers: string) => [string, string[]]>} */
const programs = {
  own: (workers) => [process.execPath, [path.join(here, 'own.mjs'), data, workers]],
  torchvision: (workers) => [
    python,
    [path.join(here, 'torchvision_peer.py'), path.join(data, 'cifar10'), workers],
  ],
};

/** @type {Record<string, { opening: number; epoch: number }[]>} */
const measured = {};
for (let round = 0; round < Number(rounds); round++) {
  for (const workers of ['0', '1']) {
    for (const [name, program] of Object.entries(programs)) {
      const [command, args] = program(workers);
      const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${command} failed:\n${stderr}`);
      const { images, ...seconds } = JSON.parse(stdout);
      if (images !== 49_920) throw new Error(`${name} made batches of ${images} images, not of 49920.`);
      (measured[`${name}, ${workers} workers`] ??= []).push(seconds);
    }
  }
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.length - 1;
  return ((sorted[Math.floor(last / 2)] ?? NaN) + (sorted[Math.ceil(last / 2)] ?? NaN)) / 2;
}
const result = {
  machine: { cpu: os.cpus()[0]?.model, cores: os.cpus().length, load: os.loadavg()[0] },
  rounds: Number(rounds),
  seconds: Object.fromEntries(
    Object.entries(measured).map(([name, all]) => [
      name,
      { opening: median(all.map(({ opening }) => opening)), epoch: median(all.map(({ epoch }) => epoch)) },
    ]),
  ),
};
fs.writeFileSync(path.join(root, 'bench', 'results', 'loading.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));

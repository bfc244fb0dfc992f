/**
 * Kills a fetch at random moments, as `kill -9` does, and lets the next one finish: whatever is under a final name
 * must be right at every moment, and the next fetch must end well.
 *
 *     node --import tsx --test test/long/data-kill.ts
 *
 * Without more it fetches a small set, slowly, from a server on this machine; with `MSL_KILL_REAL=1` the real CIFAR-10.
 * `MSL_KILL_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { sha256 } from '../../src/data/checksum.ts';
import { fetchDataset } from '../../src/data/fetch.ts';
import { type DatasetEntry, type Manifest, parseManifest, readManifest } from '../../src/data/manifest.ts';
import { verifyDataset } from '../../src/data/verify.ts';
import { createStream } from '../../src/engine/random.ts';
import { makeSynthetic, setEnvironment, startServer, temporaryFolder } from '../data/synthetic.ts';

const ROUNDS = 10;
const [, , role, name = '', dir = '', manifestFile = ''] = process.argv;

if (role === 'child') {
  const manifest = parseManifest(JSON.parse(await readFile(manifestFile, 'utf8')));
  const { source } = await fetchDataset(name, {
    dir,
    manifest,
    progress: ({ label, done }) => process.stdout.write(`${label} ${done}\n`),
  });
  process.stdout.write(`source ${source}\n`);
} else {
  test('a killed fetch leaves nothing wrong and the next one ends well', async (t) => {
    const seed = Number(process.env['MSL_KILL_SEED'] ?? Date.now() % 1e6);
    const real = process.env['MSL_KILL_REAL'] === '1';
    t.diagnostic(`seed ${seed}, ${real ? 'the real CIFAR-10' : 'a small set'}`);
    const stream = createStream(seed, 'kill');
    const folder = await temporaryFolder(t);
    let manifest: Manifest = readManifest();
    if (!real) {
      setEnvironment(t, { no_proxy: '127.0.0.1', NO_PROXY: '127.0.0.1' });
      const { base, handle } = await startServer(t);
      const synthetic = await makeSynthetic(folder, { base, records: 20_000 });
      manifest = synthetic.manifest;
      handle((request, response) => {
        void sendSlowly(synthetic.archive, request.headers.range, response);
      });
    }
    const set = real ? 'cifar10' : 'tiny';
    const file = join(folder, 'manifest.json');
    await writeFile(file, JSON.stringify(manifest));
    const entry = manifest.datasets[set]!;
    const run = (target: string, killAfter?: number): Promise<Outcome> =>
      runChild([set, target, file], killAfter);

    const whole = await run(await temporaryFolder(t));
    assert.equal(whole.status, 0, whole.output);
    t.diagnostic(
      `undisturbed: ${Math.round(whole.milliseconds)} ms after the first report, ${whole.reports} reports`,
    );
    let killed = 0;
    while (killed < ROUNDS) {
      const target = await temporaryFolder(t);
      const moment = stream.next() * whole.milliseconds;
      const first = await run(target, moment);
      const after = await checkFinalFiles(join(target, set), entry);
      if (first.status === null) killed++;
      const second = await run(target);
      assert.equal(second.status, 0, second.output);
      const { ok } = await verifyDataset(set, { dir: target, manifest });
      assert.ok(ok);
      assert.deepEqual((await readdir(target)).sort(), ['.decoded', set], 'nothing unfinished is left');
      t.diagnostic(
        `${first.status === null ? `killed after ${Math.round(moment)} ms` : 'was faster'} at '${first.last}', ` +
          `${after} of ${entry.files.length} files final; then from '${second.first}' in ${Math.round(second.milliseconds)} ms`,
      );
    }
  });
}

interface Outcome {
  /** `null` where it was killed. */
  readonly status: number | null;
  readonly milliseconds: number;
  readonly reports: number;
  readonly first: string;
  readonly last: string;
  readonly output: string;
}

/** Runs a fetch in a process of its own; `killAfter` milliseconds after its first report it is killed. */
async function runChild(args: readonly string[], killAfter?: number): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), 'child', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let start = 0;
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (start === 0) {
      start = performance.now();
      if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
    }
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = output.split('\n').filter((line) => line !== '');
  return {
    status,
    milliseconds: performance.now() - start,
    reports: lines.length,
    // The first report only says where it asks.
    first: lines[1] ?? '',
    last: lines.at(-1) ?? '',
    output: output.slice(-500) + errors,
  };
}

/** Every file under a final name has the published content; how many there are. */
async function checkFinalFiles(folder: string, entry: DatasetEntry): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  for (const file of names) {
    const published = entry.files.find((candidate) => candidate.name === file);
    assert.equal(sha256(await readFile(join(folder, file))), published?.sha256, file);
  }
  return names.length;
}

/** Sends content, or its end, in about a second. */
async function sendSlowly(
  content: Buffer,
  range: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  response.writeHead(from === 0 ? 200 : 206, {
    'content-length': content.length - from,
    ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  const step = Math.ceil(content.length / 100);
  for (let at = from; at < content.length && !response.destroyed; at += step) {
    response.write(content.subarray(at, at + step));
    await delay(10);
  }
  response.end();
}

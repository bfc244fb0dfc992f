import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { projectRoot } from '../data/index.ts';
import { UserError } from '../engine/index.ts';
import type { OwnSettings, Variant } from './variants.ts';
import type { Loaded, RoundResult } from './worker.ts';

/** A process that trains one variant and waits between rounds, so that the rounds of several can alternate. */
export interface BenchProcess {
  load(request: { readonly folder: string; readonly threads: number }): Promise<Loaded>;
  round(request: { readonly steps: number; readonly inferences: number }): Promise<RoundResult>;
  stop(): void;
}

/** @param python of the peers; needed for their variants */
export function startProcess(variant: Variant, python?: string): BenchProcess {
  const [command, ...args] = commandOf(variant, python);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line));
  child.stdin.on('error', () => undefined); // its end is reported by 'close'
  let ended: Error | undefined;
  const end = (why: string) => {
    ended = new UserError(`${variant.name}: ${why}\n${errors.slice(-8).join('\n')}`);
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  child.on('error', (error) => {
    end(error.message);
  });
  child.on('close', (status, signal) => {
    end(`the process ended with ${signal ?? `status ${status}`}`);
  });
  const ask = async (request: object): Promise<unknown> => {
    const line = await new Promise<string>((resolve, reject) => {
      if (ended !== undefined) reject(ended);
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    const answer = JSON.parse(line) as { error?: string };
    if (answer.error !== undefined) throw new UserError(`${variant.name}: ${answer.error}`);
    return answer;
  };
  const { settings } = variant;
  return {
    load: async (request) => (await ask({ command: 'load', variant: settings, ...request })) as Loaded,
    round: async (request) => (await ask({ command: 'round', ...request })) as RoundResult,
    stop: () => {
      child.stdin.end();
      child.kill();
    },
  };
}

function commandOf({ script, settings, name }: Variant, python: string | undefined): [string, ...string[]] {
  if (script !== undefined) {
    if (python === undefined) throw new UserError(`${name} needs the Python environment of the peers.`);
    return [python, '-B', path.join(projectRoot(), 'bench', 'peers', script)];
  }
  const source = import.meta.url.endsWith('.ts');
  const worker = fileURLToPath(new URL(source ? 'worker.ts' : 'worker.js', import.meta.url));
  // A clone runs the sources through tsx.
  const loader = source ? ['--import', import.meta.resolve('tsx')] : [];
  const quiet = (settings as OwnSettings).engine === 'tensorflow' ? [] : ['--no-warnings'];
  return [process.execPath, ...loader, ...quiet, worker];
}

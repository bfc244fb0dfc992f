/** Shell commands of a cell: their output appears as it comes, and they end when the cell is interrupted. */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

interface Host {
  print(stream: 'stdout' | 'stderr', text: string): void;
  signal?(): AbortSignal | undefined;
  interruption?(): Error;
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A command that has not ended so long after an interrupt, in milliseconds, is killed. */
const PATIENCE = 1500;
/** A command's own children may hold its output open; it counts as ended after so long without any. */
const QUIET = 200;

const windows = process.platform === 'win32';
const shell = (): string | true => (windows ? true : fs.existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh');

export class CommandRunner {
  private readonly host: Host;
  private readonly running = new Map<ChildProcess, { interrupted: boolean }>();
  private watched = false;

  constructor(host: Host) {
    this.host = host;
  }

  /** Runs a command; its standard output goes to `take` where that is given. */
  async run(command: string, take?: (text: string) => void): Promise<Ended> {
    this.refuse();
    return await this.follow(spawn(command, { shell: shell(), ...this.options('ignore') }), take);
  }

  async script(program: string, text: string, args: readonly string[]): Promise<Ended> {
    this.refuse();
    const child = spawn(program, [...args], this.options('pipe'));
    // A script may end before it has read all of itself.
    child.stdin?.on('error', () => undefined).end(text.endsWith('\n') ? text : `${text}\n`);
    return await this.follow(child);
  }

  /** A cell that was interrupted starts nothing more. */
  private refuse(): void {
    if (this.host.signal?.()?.aborted === true) throw this.interruption();
  }

  private interruption(): Error {
    return this.host.interruption?.() ?? new Error('The command was interrupted');
  }

  private stop(child: ChildProcess): void {
    const state = this.running.get(child);
    if (state === undefined) return;
    state.interrupted = true;
    kill(child, 'SIGINT');
    setTimeout(() => {
      if (this.running.has(child)) kill(child, 'SIGKILL');
    }, PATIENCE).unref();
  }

  /** A command is the head of its own group, so that its children end with it; it would outlive the kernel too. */
  private endWithKernel(): void {
    if (this.watched) return;
    this.watched = true;
    process.on('exit', () => {
      for (const child of this.running.keys()) kill(child, 'SIGKILL');
    });
  }

  private options(stdin: 'ignore' | 'pipe'): {
    stdio: ['ignore' | 'pipe', 'pipe', 'pipe'];
    detached: boolean;
  } {
    return { stdio: [stdin, 'pipe', 'pipe'], detached: !windows };
  }

  private follow(child: ChildProcess, take?: (text: string) => void): Promise<Ended> {
    const state = { interrupted: false };
    this.running.set(child, state);
    this.endWithKernel();
    const signal = this.host.signal?.();
    const stop = (): void => {
      this.stop(child);
    };
    signal?.addEventListener('abort', stop);
    let wrote = 0;
    for (const name of ['stdout', 'stderr'] as const) {
      const decoder = new StringDecoder('utf8');
      const write = (text: string): void => {
        wrote = performance.now();
        if (text === '') return;
        if (name === 'stdout' && take) take(text);
        else this.host.print(name, text);
      };
      child[name]?.on('data', (part: Buffer) => {
        write(decoder.write(part));
      });
      child[name]?.on('end', () => {
        write(decoder.end());
      });
    }
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        if (!this.running.delete(child)) return;
        signal?.removeEventListener('abort', stop);
        outcome();
      };
      const end = (ended: Ended): void => {
        settle(() => {
          if (state.interrupted) reject(this.interruption());
          else resolve(ended);
        });
      };
      child.on('error', (error) => {
        settle(() => {
          reject(error);
        });
      });
      child.on('close', (status, signal) => {
        end({ status, signal });
      });
      child.on('exit', (status, signal) => {
        const began = performance.now();
        const clock = setInterval(() => {
          if (this.running.has(child) && performance.now() - Math.max(began, wrote) < QUIET) return;
          clearInterval(clock);
          end({ status, signal });
        }, QUIET / 4);
      });
    });
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (windows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has just ended.
  }
}

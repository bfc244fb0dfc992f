/** What the kernel says of itself: which requests it is busy with, and which it was done with a moment ago. */
import type { Header } from './messages.ts';

type Parent = Partial<Header>;

/** A status of the kernel and the request it belongs to. */
export interface Status {
  readonly state: string;
  readonly parent: Parent;
}

/** How long the end of a request is kept for clients that are about to subscribe, in milliseconds. */
const RECENT = 3000;

export class Statuses {
  private readonly busy = new Map<string, Parent>();
  private done: { readonly parent: Parent; readonly at: number }[] = [];
  private readonly now: () => number;

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  note(parent: Parent | undefined, state: unknown): void {
    const id = parent?.msg_id;
    if (parent === undefined || id === undefined) return;
    if (state === 'busy') this.busy.set(id, parent);
    if (state !== 'idle') return;
    this.busy.delete(id);
    this.done = [...this.recent(), { parent, at: this.now() }];
  }

  /** A request that the kernel is busy with: a client that shows only the latest status has to see it last. */
  get running(): Parent | undefined {
    const [parent] = this.busy.values();
    return parent;
  }

  /**
   * What a client that has just subscribed may have missed. Its first requests can be answered before its subscription
   * is there; without their "idle" JupyterLab waits 3 seconds after each restart, and shows the last status it saw.
   */
  missed(): Status[] {
    const ended = this.recent().map(({ parent }) => ({ state: 'idle', parent }));
    return this.running === undefined ? ended : [...ended, { state: 'busy', parent: this.running }];
  }

  private recent(): typeof this.done {
    const since = this.now() - RECENT;
    return this.done.filter(({ at }) => at >= since);
  }
}

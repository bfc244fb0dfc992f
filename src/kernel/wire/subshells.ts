/** The subshells of the kernel: queues of requests beside the main one (JEP 91). */
import { randomUUID } from 'node:crypto';

import type { Header } from './messages.ts';
import { RequestError } from './requests.ts';

export class Subshells {
  private readonly ids = new Set<string>();
  private readonly changed: (id: string, exists: boolean) => void;

  constructor(changed: (id: string, exists: boolean) => void) {
    this.changed = changed;
  }

  create(): string {
    const id = randomUUID();
    this.ids.add(id);
    this.changed(id, true);
    return id;
  }

  delete(id: string): void {
    this.check({ subshell_id: id });
    this.ids.delete(id);
    this.changed(id, false);
  }

  list(): string[] {
    return [...this.ids];
  }

  /** Throws where a request is for a subshell that does not exist. */
  check({ subshell_id: id }: Pick<Header, 'subshell_id'>): void {
    if (id !== undefined && id !== null && !this.ids.has(id))
      throw new RequestError(`there is no subshell ${id}`);
  }
}

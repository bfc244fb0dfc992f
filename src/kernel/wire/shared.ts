/** Memory that the main thread and the sockets thread share, and what main does with it. */
import type { MessagePort } from 'node:worker_threads';

import type { FromMain } from './protocol.ts';

/** The state of an interrupt: see `Interrupted`. */
export const INTERRUPT = 0;
/** 1 as soon as the sockets are closed. */
const CLOSED = 1;

/** The states that `INTERRUPT` goes through. */
export const Interrupted = {
  no: 0,
  /** Main was asked to stop its cell. */
  requested: 1,
  /** Main has seen it: it is not blocked. */
  acknowledged: 2,
  /** Main has not: what it runs is being ended from outside. */
  terminating: 3,
  /** A loop has seen it and thrown; whether that has ended the cell is not known yet. */
  thrown: 4,
} as const;

export const createShared = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

/**
 * Called by main when 'interrupt' arrives: true where it has to end what its cell waits for; false where the sockets
 * thread took it for blocked and ends its code from outside, of which 'terminated' tells.
 *
 * That hits whatever main runs at that moment, which may be nothing of the cell: then it is this function, which
 * waits for it, so that no other part of the kernel is cut off.
 */
export function acknowledge(shared: Int32Array): boolean {
  const { acknowledged, terminating } = Interrupted;
  if (passOn(shared, acknowledged)) return true;
  const end = performance.now() + 1000;
  while (Atomics.load(shared, INTERRUPT) === terminating && performance.now() < end);
  return false;
}

/** Called by loops that main runs: true, once, where an interrupt waits. */
export function takeInterrupt(shared: Int32Array): boolean {
  const { requested, thrown } = Interrupted;
  return Atomics.compareExchange(shared, INTERRUPT, requested, thrown) === requested;
}

/** Lets an interrupt that no one has dealt with go on to another state; false where there is none. */
export function passOn(shared: Int32Array, state: number): boolean {
  const { requested, thrown } = Interrupted;
  return [requested, thrown].some((from) => Atomics.compareExchange(shared, INTERRUPT, from, state) === from);
}

/** Tells main, by the sockets thread, that nothing is sent any more. */
export function markClosed(shared: Int32Array): void {
  Atomics.store(shared, CLOSED, 1);
  Atomics.notify(shared, CLOSED);
}

/**
 * Called by main before its process ends: everything that it has posted is sent, then the sockets are closed. Blocks,
 * so that it can be called while a process exits. ZeroMQ aborts a process that ends with open sockets.
 */
export function closeSockets(port: MessagePort, shared: Int32Array, timeout = 10_000): void {
  port.postMessage({ kind: 'closed' } satisfies FromMain);
  Atomics.wait(shared, CLOSED, 0, timeout);
}

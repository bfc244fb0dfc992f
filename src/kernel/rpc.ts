/** Calls between threads: asynchronous ones, and synchronous ones that block the caller. */
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: Failure;
}

/** Opens a way for synchronous calls: the answers go to `port`, and `signal` wakes the caller. */
interface Opening {
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `unknown[]` would refuse every method with parameters
type Method = (...args: any[]) => unknown;

/** The methods of an interface that can be called from another thread. */
type Callable<T> = {
  [K in keyof T as T[K] extends Method ? K : never]: T[K] extends Method ? T[K] : never;
};

/** Another thread's methods. Arguments and results are copied, as by `structuredClone`. */
export interface Client<T> {
  /** Rejects with what the method threw: its name, message and stack. */
  call<K extends keyof Callable<T>>(
    method: K,
    ...args: Parameters<Callable<T>[K]>
  ): Promise<Awaited<ReturnType<Callable<T>[K]>>>;
  /** Blocks this thread until the other one has answered. */
  callSync<K extends keyof Callable<T>>(
    method: K,
    ...args: Parameters<Callable<T>[K]>
  ): Awaited<ReturnType<Callable<T>[K]>>;
}

function failureOf(error: unknown): Failure {
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: 'Error', message: String(error), stack: undefined };
}

function valueOf({ value, failure }: Answer): unknown {
  if (!failure) return value;
  const { name, message, stack } = failure;
  throw Object.assign(new Error(message), { name, stack });
}

/**
 * Answers calls that come through a port.
 *
 * @param afterwards what there is to do once a call has been answered
 */
export function serve(port: MessagePort, methods: object, afterwards?: () => void): void {
  let opening: Opening | undefined;
  const perform = async ({ id, method, args }: Call): Promise<Answer> => {
    try {
      return { id, value: await (methods as Record<string, Method>)[method]?.(...args) };
    } catch (error) {
      return { id, failure: failureOf(error) };
    }
  };
  port.on('message', (message: Opening | Call) => {
    if ('signal' in message) {
      const { port: answers, signal } = (opening = message);
      answers.on('message', (call: Call) => {
        void perform(call).then((answer) => {
          answers.postMessage(answer);
          Atomics.add(signal, 0, 1);
          Atomics.notify(signal, 0);
          afterwards?.();
        });
      });
      return;
    }
    void perform(message).then((answer) => {
      port.postMessage(answer);
      afterwards?.();
    });
  });
  port.on('close', () => opening?.port.close());
}

/** Calls the methods that are served at the other end of a port. */
export function client<T>(port: MessagePort): Client<T> {
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  let sync: Opening | undefined;
  port.on('message', (answer: Answer) => {
    const settle = waiting.get(answer.id);
    waiting.delete(answer.id);
    settle?.(answer);
  });

  const open = (): Opening => {
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4));
    port.postMessage({ port: port2, signal } satisfies Opening, [port2]);
    port1.unref();
    return { port: port1, signal };
  };

  return {
    call: (method, ...args) => {
      const id = ++last;
      const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
      port.postMessage({ id, method: String(method), args } satisfies Call);
      // What was thrown or returned over there has the method's own type.
      return answered.then(valueOf) as ReturnType<Client<T>['call']> as never;
    },
    callSync: (method, ...args) => {
      sync ??= open();
      const id = ++last;
      let seen = Atomics.load(sync.signal, 0);
      sync.port.postMessage({ id, method: String(method), args } satisfies Call);
      for (;;) {
        const received = receiveMessageOnPort(sync.port) as { message: Answer } | undefined;
        // An earlier call that was interrupted may still be answered: that is dropped.
        if (received?.message.id === id) return valueOf(received.message) as never;
        if (received) continue;
        Atomics.wait(sync.signal, 0, seen);
        seen = Atomics.load(sync.signal, 0);
      }
    },
  };
}

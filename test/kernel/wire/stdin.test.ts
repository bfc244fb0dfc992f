import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

import type { Message } from '../../../src/kernel/wire/messages.ts';
import type { Ask, SyncAnswer } from '../../../src/kernel/wire/protocol.ts';
import { Questions } from '../../../src/kernel/wire/stdin.ts';

const request = { identities: [Buffer.from('client')] } as unknown as Message;
const ask = (id: number, more: Partial<Ask> = {}): Ask => ({
  kind: 'ask',
  id,
  request,
  prompt: `${id}? `,
  password: false,
  ...more,
});

/** Questions of which those whose prompt is among `lost` reach nobody. */
function questionsOf(lost: readonly string[]) {
  const sent: unknown[] = [];
  const answers: unknown[] = [];
  const later: (() => void)[] = [];
  const questions = new Questions({
    send: (_ask, _id, { prompt }) => {
      sent.push(prompt);
      return lost.includes(String(prompt)) ? Promise.reject(new Error('no route')) : Promise.resolve();
    },
    answer: (id, value) => answers.push([id, value]),
    after: (_milliseconds, run) => later.push(run),
  });
  /** Until nothing is tried again. */
  const settle = async (): Promise<void> => {
    do {
      for (const run of later.splice(0)) run();
      await new Promise((resolve) => void setImmediate(resolve));
    } while (later.length > 0);
  };
  return { questions, sent, answers, later, settle };
}

test('a question that reaches nobody ends as such after its tries, and the next one is asked', async () => {
  const { questions, sent, answers, settle } = questionsOf(['1? ', '2? ']);
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  questions.add(ask(1));
  questions.add(ask(2, { wait: { port: port2, signal } }));
  questions.add(ask(3));
  await settle();
  assert.deepEqual(answers, [[1, undefined]]);
  assert.deepEqual(sent.filter((prompt) => prompt === '1? ').length, 201);
  assert.equal(signal[0], 1, 'main is woken');
  const answer: SyncAnswer = { unreachable: true };
  assert.deepEqual(receiveMessageOnPort(port1), { message: answer });
  port1.close();
  assert.equal(sent.at(-1), '3? ');
});

test('an interrupted question is not sent again', async () => {
  const { questions, sent, answers, later, settle } = questionsOf(['1? ']);
  questions.add(ask(1));
  await new Promise((resolve) => void setImmediate(resolve));
  assert.equal(later.length, 1);
  questions.interrupt();
  await settle();
  assert.deepEqual([sent, answers], [['1? '], []]);
});

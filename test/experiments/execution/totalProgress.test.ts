import assert from 'node:assert/strict';
import { test } from 'node:test';

import { totalProgress } from '../../../src/experiments/execution/totalProgress.ts';
import type { Task } from '../../../src/experiments/task/task.ts';

const TASKS = ['CE', 'CE + MSL', 'mine'].map((label) => ({ label }) as Task);

/** The reports of three runs of 10, 20 and 30 steps. */
function told(work: (progress: ReturnType<typeof totalProgress>) => void): string[] {
  const lines: string[] = [];
  work(
    totalProgress(TASKS, [10, 20, 30], ({ label, done, total }) => {
      lines.push(`${label}: ${done}/${total}`);
    }),
  );
  return lines;
}

test('runs one after the other add up', () => {
  const lines = told(({ report, end }) => {
    for (const [task, done] of [10, 20, 30].entries()) {
      report(task, { label: '', done, total: done });
      end(task);
    }
  });
  assert.deepEqual(lines, [
    'run 1 of 3 (CE): 10/60',
    'run 2 of 3 (CE + MSL): 30/60',
    'run 3 of 3 (mine): 60/60',
    '3 of 3 runs: 60/60',
  ]);
});

test('runs at the end that are complete already bring the bar to its end', () => {
  const lines = told(({ report, end }) => {
    report(0, { label: '', done: 10, total: 10 });
    for (const task of [0, 1, 2]) end(task);
  });
  assert.deepEqual(lines, ['run 1 of 3 (CE): 10/60', '3 of 3 runs: 60/60']);
});

test('where nothing was left to do nothing is told', () => {
  assert.deepEqual(
    told(({ end }) => {
      for (const task of [0, 1, 2]) end(task);
    }),
    [],
  );
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import {
  executeTasks,
  readAttempts,
  refuseFailures,
  runStudy,
  type StudyRun,
} from '../../../src/experiments/index.ts';
import { preload } from '../../support/preload.ts';
import { recordsOf, tinyRuns } from '../../support/tinyStudy.ts';
import { writeTinyCifar } from '../../support/tinyCifar.ts';

describe('runs in processes of their own', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'msl-processes-'));
  const dataFolder = path.join(root, 'data');
  const settings = ['epochs=30'];
  const alone = tinyRuns(path.join(root, 'alone'), [1], settings);
  const kill = (run: StudyRun) => {
    process.kill(readAttempts(run.folder).at(-1)!.pid, 'SIGKILL');
  };
  /** Runs that are to be killed hold still once they have told of an epoch, so that they cannot have ended before that. */
  const holding = async (where: { epoch?: number; folder: string }, work: () => Promise<void>) => {
    const variables = preload({ file: 'holdRun.mjs', ...where });
    const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, variables);
    try {
      await work();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  };
  before(async () => {
    writeTinyCifar(dataFolder);
    await runStudy({ runs: alone, dataFolder });
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  const assertSame = (runs: readonly StudyRun[]) => {
    for (const [i, { folder }] of runs.entries()) {
      assert.deepEqual(recordsOf(folder), recordsOf(alone[i]!.folder));
    }
  };

  test('a killed one goes on from its checkpoint; records are those of one process', async () => {
    const runs = tinyRuns(path.join(root, 'killed'), [1], settings);
    const notes: string[] = [];
    await holding({ epoch: 2, folder: runs[0]!.folder }, async () => {
      await runStudy({
        ...{ runs, dataFolder, workers: 2 },
        onNote: (text) => notes.push(text),
        onEpoch: (run, { epoch }) => {
          if (run === runs[0] && epoch === 2) kill(run);
        },
      });
    });
    assertSame(runs);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /^ce, seed 1: its process was ended by SIGKILL .* from its last checkpoint/);
    const attempts = readAttempts(runs[0]!.folder);
    assert.deepEqual(
      attempts.map(({ how }) => how),
      ['started', 'resumed'],
    );
    assert.equal(attempts[1]!.epoch, 2);
    assert.deepEqual(
      readAttempts(runs[1]!.folder).map(({ how }) => how),
      ['started'],
    );
  });

  test('one that is killed three times has failed, and one that cannot be made; the others go on', async () => {
    const runs = tinyRuns(path.join(root, 'failed'), [1], settings);
    const tasks = runs.map(({ specification, folder }, i) => ({
      ...{ specification, folder, label: `run ${i}`, purpose: 'test' as const },
    }));
    const misplaced = { ...tasks[0]!, folder: tasks[1]!.folder };
    let ended: Awaited<ReturnType<typeof executeTasks>> = [];
    await holding({ folder: runs[0]!.folder }, async () => {
      ended = await executeTasks({
        ...{ tasks: [...tasks, misplaced], dataFolder, workers: 2 },
        onEpoch: (task) => {
          if (task === 0) kill(runs[0]!);
        },
      });
    });
    assert.deepEqual(
      ended.map(({ state }) => state),
      ['failed', 'complete', 'failed'],
    );
    const messages = ended.map((outcome) => (outcome.state === 'failed' ? outcome.message : ''));
    assert.match(messages[0]!, /SIGKILL.*\nIt was tried 3 times/s);
    assert.match(messages[2]!, /holds a run of another specification/);
    assert.throws(() => {
      refuseFailures(runs, ended.slice(0, 2));
    }, /A run failed\. ce, seed 1: its process was ended by SIGKILL/);
    await runStudy({ runs, dataFolder, workers: 2 });
    assertSame(runs);
  });

  test('they stop with the one that started them, and go on', async () => {
    const runs = tinyRuns(path.join(root, 'stopped'), [1], settings);
    const controller = new AbortController();
    await assert.rejects(
      runStudy({
        ...{ runs, dataFolder, workers: 2, signal: controller.signal },
        onEpoch: (_, { epoch }) => {
          if (epoch === 2) controller.abort(new Error('enough'));
        },
      }),
      /enough/,
    );
    for (const { folder } of runs) {
      const { pid } = readAttempts(folder).at(-1) ?? {};
      if (pid !== undefined) assert.throws(() => process.kill(pid, 0), /ESRCH/);
    }
    await runStudy({ runs, dataFolder, workers: 2 });
    assertSame(runs);
  });

  test('different numbers of threads have processes of their own', async () => {
    const runs = [1, 2].flatMap((threads) =>
      tinyRuns(path.join(root, 'threads'), [1], ['epochs=1', `threads=${threads}`]).slice(0, 1),
    );
    const summaries = await runStudy({ runs, dataFolder });
    assert.equal(summaries.length, 2);
  });
});

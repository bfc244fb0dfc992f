import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { studyResults } from '../../src/notebook/index.ts';
import { extractFiles } from '../../src/report/index.ts';
import { sampleStudy } from '../report/sample.ts';

test('the published results of a study are read; what is neither published nor known is refused', async () => {
  const results = mkdtempSync(path.join(os.tmpdir(), 'msl-published-'));
  try {
    const folder = path.join(results, 'early-saturation', 'full');
    mkdirSync(folder, { recursive: true });
    const study = sampleStudy({ ce: [{ error: 0.35 }], msl: [{ error: 0.3 }] });
    for (const { name, text } of extractFiles(study)) writeFileSync(path.join(folder, name), text);

    const { records, source } = await studyResults('early-saturation', { profile: 'smoke', results });
    assert.equal(source, 'published');
    assert.deepEqual(
      records.runs.map(({ arm, summary }) => [arm, summary.test.error]),
      [
        ['ce', 0.35],
        ['msl', 0.3],
      ],
    );
    await assert.rejects(studyResults('early-saturatoin', { profile: 'smoke', results }), /Did you mean/);
    await assert.rejects(
      studyResults('early-saturation', { profile: 'tiny', results, fresh: true, runs: results }),
      /profile/,
    );
  } finally {
    rmSync(results, { recursive: true });
  }
});

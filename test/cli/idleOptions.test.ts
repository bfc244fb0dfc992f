import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { main } from '../../src/cli/main.ts';
import { terminal } from '../../src/cli/output.ts';

test('options that nothing would come of are refused, each by its name', async (t) => {
  const run = mkdtempSync(path.join(os.tmpdir(), 'msl-idle-'));
  t.after(() => {
    rmSync(run, { recursive: true });
  });
  writeFileSync(path.join(run, 'spec.json'), '{}');
  const results = fileURLToPath(new URL('../../results', import.meta.url));
  const svhn = path.join(results, 'svhn', 'full');
  const said: string[] = [];
  t.mock.method(terminal, 'note', (text: string) => said.push(text));
  for (const [args, expected] of [
    [['models', '--set', 'depth=3'], /^--set changes the sizes of one network: say which/],
    [['report', run, '--set', 'epochs=3'], /^--set is for a study: .* is a run/],
    [['report', run, '--profile', 'full'], /^--profile is for a study: .* is a run/],
    [
      ['report', svhn, '--profile', 'full'],
      /^--profile is for a study that is named: .* is what --save kept/,
    ],
    [['embed', run, '--method', 'pca', '--perplexity', '5'], /^--perplexity is for --method tsne/],
    [['embed', run, '--neighbours', '5'], /^--neighbours is for --method umap/],
    [['study', 'report', 'svhn', '--from', results, '--set', 'epochs=3'], /^--set is for runs: .* --from/],
    [['study', 'report', 'svhn', '--format', 'md', '--json'], /^--format and --json both/],
    [['study', 'report', 'gender', '--from', svhn], /full keeps svhn, profile full, and not gender\.$/],
    [
      ['study', 'report', 'svhn', '--from', svhn, '--profile', 'quick'],
      /keeps svhn, profile full, and not svhn, profile quick/,
    ],
    [['data', 'import', 'faces', run, '--fit', 'fill'], /^--fit goes with --size/],
    [['report', run, '--out', ''], /^--out <folder>: the value is empty\.$/],
    [['bench', '--quick', '--save'], /leave out --save/],
    [['bench', '--quick', '--section', 'referense'], /no section 'referense'\. Did you mean 'reference'/],
  ] as const) {
    said.splice(0);
    assert.equal(await main(args), 2, `${args.join(' ')}: ${said.join('')}`);
    assert.match(said.join(''), expected, args.join(' '));
  }
});

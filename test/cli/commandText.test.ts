import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { commandText, studyRunCommand } from '../../src/cli/commandText.ts';

test('a command that is shown can be typed: a shell reads the words that it was made of', () => {
  const words = ['loss.layers=[{"name":"center","weight":0.01}]', "it's", 'my runs/*', '$HOME', 'a{1,2}', ''];
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${commandText(words)}`], { encoding: 'utf8' });
  assert.deepEqual(stdout.split('\n').slice(0, -1), words);
});

test('the command of a study is that of its file, where it has one, with the settings', () => {
  const of = { profile: 'full', set: [] };
  assert.equal(studyRunCommand({ ...of, named: 'svhn' }), 'npx msl study run svhn --profile full');
  assert.equal(
    studyRunCommand({ ...of, named: 'my studies/margins.ts', set: ['network.widths=[4, 8]', 'epochs=3'] }),
    "npx msl study run 'my studies/margins.ts' --profile full --set 'network.widths=[4, 8]' --set epochs=3",
  );
});

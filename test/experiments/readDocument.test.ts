import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { UsageError } from '../../src/engine/index.ts';
import { readDocument } from '../../src/experiments/index.ts';

describe('documents', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-documents-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, content: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const refused = (file: string, message: RegExp) =>
    assert.rejects(
      readDocument(file, 'specification'),
      (error) =>
        error instanceof UsageError && error.message.includes(`'${file}'`) && message.test(error.message),
    );

  test('JSON, YAML and modules say the same', async () => {
    const expected = { epochs: 3, loss: { msl: { margin: 0.8 } } };
    for (const file of [
      write('a.json', '{"epochs": 3, "loss": {"msl": {"margin": 0.8}}}'),
      write('a.yaml', 'epochs: 3\nloss:\n  msl: { margin: 0.8 } # a comment\n'),
      write(
        'a.mts',
        'const epochs: number = 3;\nexport default { epochs, loss: { msl: { margin: 0.8 } } };\n',
      ),
      write(
        'a.ts',
        'const epochs: number = 3;\nexport default { epochs, loss: { msl: { margin: 0.8 } } };\n',
      ),
      write('b.json', '\uFEFF{"$schema": "s.json", "epochs": 3, "loss": {"msl": {"margin": 0.8}}}'),
      write('a.mjs', 'export default { epochs: 3, loss: { msl: { margin: 0.8 } } };\n'),
    ]) {
      assert.deepEqual(await readDocument(file, 'specification'), expected, file);
    }
  });

  test('what cannot be read is refused by name, with the place', async () => {
    await refused(path.join(folder, 'none.json'), /cannot be read: there is no such file\.$/);
    mkdirSync(path.join(folder, 'f.json'));
    await refused(path.join(folder, 'f.json'), /cannot be read: it is a folder, where a file should be\.$/);
    await refused(write('b.json', '{"epochs": }'), /no valid JSON: Unexpected token/);
    await refused(write('d.json', '{"epochs": 3,\n "epochs": 4}'), /no valid JSON: .*unique at line 2/s);
    await refused(write('e.json', '{"epochs": 3,,\n "seed": 4}'), /no valid JSON: .*line 1,? column 14/s);
    await refused(write('b.yaml', 'epochs: 3\nepochs: 4\n'), /no valid YAML: .*unique at line 2/s);
    await refused(write('b.mts', 'throw new Error("broken");\n'), /cannot be loaded: broken/);
    const taken = /cannot be loaded: .*It is no ES module.*name it \.mts, or write "type": "module"/s;
    await refused(write('b.ts', 'throw new Error("broken");\n'), taken);
    const own = path.join(folder, 'own');
    mkdirSync(own);
    write('own/package.json', '{ "type": "module" }');
    await refused(write('own/b.ts', 'throw new Error("broken");\n'), /cannot be loaded: broken$/);
    await refused(write('c.mts', 'export const epochs = 3;\n'), /no default export/);
    await refused(write('c.ts', 'export const epochs = 3;\n'), /no default export/);
    await refused(
      write('d.mts', 'export default () => ({ epochs: 3 });\n'),
      /'.*d\.mts' is no data: .*Write `export/,
    );
    await refused(write('e.mts', 'export default { epochs: () => 3 };\n'), /is no data: /);
    await refused(write('a.toml', ''), /ends in \.json, \.yaml/);
  });
});

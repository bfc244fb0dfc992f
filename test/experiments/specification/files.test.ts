import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { UsageError } from '../../../src/engine/index.ts';
import {
  parseSpecification,
  readSpecification,
  specificationHash,
  specificationJsonSchema,
} from '../../../src/experiments/index.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

describe('specifications in files', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'msl-specification-'));
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const write = (name: string, text: string): string => {
    const file = path.join(root, name);
    writeFileSync(file, text);
    return file;
  };
  const message = async (name: string, text: string, ...settings: string[]): Promise<string> => {
    try {
      await readSpecification(write(name, text), settings);
    } catch (error) {
      assert.ok(error instanceof UsageError);
      return error.message;
    }
    return assert.fail('was accepted');
  };

  test('JSON, YAML and TypeScript say the same', async () => {
    const files = [
      write('a.json', '{ "$schema": "s.json", "epochs": 3, "loss": { "msl": { "margin": 0.8 } } }'),
      write('a.yaml', '# yaml-language-server: $schema=s.json\nepochs: 3\nloss:\n  msl: { margin: 0.8 }\n'),
      write('a.yml', '\uFEFFepochs: 3\nloss: { msl: { margin: 0.8 } }\n'),
      write(
        'a.ts',
        'const margin: number = 0.8;\nexport default { epochs: 3, loss: { msl: { margin } } };\n',
      ),
    ];
    const expected = parseSpecification({ epochs: 3, loss: { msl: { margin: 0.8 } } }, 'test');
    for (const file of files) assert.deepEqual(await readSpecification(file), expected, file);
    const set = await readSpecification(files[1]!, ['loss.msl.margin=0.5', 'seed=4']);
    assert.deepEqual([set.loss.msl?.margin, set.seed], [0.5, 4]);
  });

  test('what is wrong is named with its line and column', async () => {
    const yaml =
      'epochs: 0\nprecision: bfloat61\nloss:\n  msl: { wieght: 3 }\n  layers:\n    - name: centre\n';
    const wrong = await message('b.yaml', yaml, 'seed=-1');
    assert.match(wrong, /line 1, column 1: epochs: .*>0.*\(it is 0\)/);
    assert.match(wrong, /line 2, column 1: precision: .*did you mean "bfloat16"\? \(it is "bfloat61"\)/);
    assert.match(wrong, /line 4, column 10: 'loss\.msl\.wieght' \(did you mean 'weight'\?\)/);
    assert.match(wrong, /line 6, column 7: loss\.layers\.0\.name: .*Did you mean 'center'\?/);
    // What was set stands in no file.
    assert.match(wrong, /^ {2}seed: /m);
    assert.match(await message('b2.yaml', 'seed: 3\n', 'seed=-1'), /^ {2}seed: /m);
    assert.match(await message('b.json', '{ "seed": 1,\n  "seed": 2 }'), /line 2, column 3/);
    assert.match(
      await message('b3.json', '{ "seed": 1,,\n "threads": 2 }'),
      /no valid JSON.*line 1,? column 13/,
    );
    assert.match(await message('b3.yaml', 'a: 1\n b: 2\n'), /no valid YAML: .*line 1, column 4/);
    assert.match(await message('b4.yaml', 'seed: 1\nseed: 2\n'), /no valid YAML: .*unique.*line 2, column 1/);
  });

  test('a file that holds none', async () => {
    await assert.rejects(
      readSpecification(path.join(root, 'none.yaml')),
      /cannot be read: there is no such file\.$/,
    );
    assert.match(await message('c.yaml', '- 1\n'), /expected object, received array/);
    assert.match(await message('c2.yaml', ''), /c2\.yaml' is empty\./);
  });

  test('the examples are specifications, and their hashes stay', async () => {
    const hash = async (name: string) =>
      specificationHash(await readSpecification(path.join(examples, name), ['threads=2'])).slice(0, 8);
    assert.equal(await hash('cifar10-msl.json'), 'c48e3b62');
    assert.equal(await hash('cifar10-peers.yaml'), '2580959a');
  });

  test('the schema for editors beside the examples is the current one (msl spec schema)', () => {
    const kept = JSON.parse(
      readFileSync(path.join(examples, 'specification.schema.json'), 'utf8'),
    ) as unknown;
    assert.deepEqual(kept, JSON.parse(JSON.stringify(specificationJsonSchema())));
  });

  test('the schema describes every field, and has the names of losses', () => {
    const text = JSON.stringify(specificationJsonSchema());
    const { properties } = specificationJsonSchema() as {
      properties: Record<string, { description?: string; default?: unknown }>;
    };
    const fields = Object.entries(properties).filter(([name]) => name !== 'schemaVersion');
    assert.deepEqual(
      fields.filter(([, field]) => field.description === undefined),
      [],
    );
    assert.equal(properties['epochs']?.default, 30);
    assert.match(text, /"const":"supervisedContrastive"/);
    assert.match(text, /"enum":\["float32","bfloat16"\]/);
  });
});

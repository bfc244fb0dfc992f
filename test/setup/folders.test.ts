import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { breaches } from '../../scripts/check/folders.mjs';
import { temporaryFolder, write } from './support.ts';

test('an import from a folder below is found, with file, line and rule', (t) => {
  const src = temporaryFolder(t);
  write(src, {
    'index.ts': `export * from './cli/index.ts';`,
    'engine/tensor.ts': `import path from 'node:path';\nimport { f } from './other.ts';\n`,
    'losses/msl.ts': `import { a } from '../engine/tensor.ts';\n\nimport type { B } from '../training/step.ts';\n`,
    'data/lazy.ts': `const load = () =>\n  import('../cli/main.ts');\n`,
    'models/mapped.ts': `export { c } from '#src/losses/msl.ts';\n`,
    'kernel/kernel.ts': `import { d } from '../engine/tensor.ts';\n`,
    'cli/main.ts': `import '../kernel/kernel.ts';\nimport '../report/table.ts';\n`,
    'utils/x.ts': ``,
  });
  assert.deepEqual(
    breaches(src).map(({ file, line, rule }) => [file.replaceAll(path.sep, '/'), line, rule]),
    [
      [
        'cli/main.ts',
        1,
        "src/cli does not import src/kernel: they meet in globalThis[Symbol.for('msl.kernel')]",
      ],
      ['data/lazy.ts', 2, 'src/data may import only from engine, not from src/cli'],
      ['kernel/kernel.ts', 1, 'src/kernel imports nothing of src/engine'],
      ['losses/msl.ts', 3, 'src/losses may import only from engine, data, models, not from src/training'],
      ['models/mapped.ts', 1, 'src/models may import only from engine, data, not from src/losses'],
      [
        'utils/x.ts',
        1,
        'src/utils is not a folder of the design (engine, data, models, losses, measures, training, ' +
          'experiments, analysis, report, bench, notebook, cli)',
      ],
    ],
  );
});

test('imports that lead round in a circle are found, beside each other and through folders', (t) => {
  const src = temporaryFolder(t);
  write(src, {
    'data/a.ts': `import { b } from './b.ts';`,
    'data/b.ts': `\nimport { a } from './a.ts';`,
    'data/index.ts': `export * from './a.ts';`,
    'models/graph/x.ts': `import type { Y } from '../precision/y.ts';\nimport './z.ts';`,
    'models/graph/z.ts': ``,
    'models/precision/y.ts': `import '../graph/z.ts';`,
    'losses/one.ts': `import './two.ts';\nimport './three.ts';`,
    'losses/two.ts': `import './three.ts';`,
    'losses/three.ts': ``,
    'measures/index.ts': `export * from './mean.ts';`,
    'measures/mean.ts': `import './index.ts';`,
  });
  assert.deepEqual(
    breaches(src).map(({ file, line, rule }) => [file.replaceAll(path.sep, '/'), line, rule]),
    [
      ['data/a.ts', 1, 'in src/data imports lead round in a circle: a.ts -> b.ts -> a.ts'],
      [
        'measures/index.ts',
        1,
        'in src/measures imports lead round in a circle: index.ts -> mean.ts -> index.ts',
      ],
      ['models/graph/x.ts', 1, 'in src/models imports lead round in a circle: graph -> precision -> graph'],
    ],
  );
});

test('an index with code of its own is found', (t) => {
  const src = temporaryFolder(t);
  write(src, {
    'data/index.ts': `/** The data. */\nexport * from './a.ts';\nexport type { B } from './b.ts';\n`,
    'losses/index.ts': `export * from './a.ts';\n\n/** Two. */\nexport const two = 2;\n`,
    'models/cnn/index.ts': `import { a } from './a.ts';\nexport { a };\n`,
  });
  const rule = 'an index only hands on what other files export; its code belongs in a file with a name';
  assert.deepEqual(
    breaches(src).map(({ file, line, rule }) => [file.replaceAll(path.sep, '/'), line, rule]),
    [
      ['losses/index.ts', 4, rule],
      ['models/cnn/index.ts', 1, rule],
    ],
  );
});

test('the library keeps the rule', () => {
  const src = path.join(import.meta.dirname, '..', '..', 'src');
  assert.deepEqual(breaches(src), []);
});

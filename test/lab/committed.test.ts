/** What is committed of an executed notebook, and what the check refuses. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { root } from './support.ts';

interface Cell {
  cell_type: string;
  id: string;
  metadata: { tags?: string[]; alt?: string };
  source: string | string[];
  execution_count?: number | null;
  outputs?: {
    output_type: string;
    data?: Record<string, unknown>;
    execution_count?: number | null;
    text?: string | string[];
  }[];
}
interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}
interface Committed {
  readonly codeHash: (notebook: Notebook) => string;
  readonly notebookText: (notebook: Notebook) => string;
  readonly problemsOf: (file: string, text: string, options?: { user?: string }) => string[];
  readonly stemOf: (file: string) => string;
  readonly withOutputs: (
    notebook: Notebook,
    executed: Notebook,
    options: { stem: string; profile: string },
  ) => Notebook;
}

const script = pathToFileURL(path.join(root, 'scripts', 'lab', 'committed.mjs')).href;
const { codeHash, notebookText, problemsOf, stemOf, withOutputs } = (await import(script)) as Committed;

const PLOTLY = 'application/vnd.plotly.v1+json';
const WIDGET = 'application/vnd.jupyter.widget-view+json';
const FILE = 'notebooks/07-demo.ipynb';

const code = (id: string, source: string, outputs: Cell['outputs'] = []): Cell => ({
  ...{ cell_type: 'code', id, metadata: {}, source, execution_count: null, outputs },
});
const markdown = (id: string, source: string): Cell => ({
  ...{ cell_type: 'markdown', id, metadata: {}, source },
});
const notebookOf = (cells: Cell[]): Notebook => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });

const parameters: Cell = {
  ...code('demo-01', "const profile: string = 'quick';"),
  metadata: { tags: ['parameters'] },
};
const source = notebookOf([markdown('demo-00', '# Demo'), parameters, code('demo-02', 'plot()')]);

/** The same with outputs, as an execution leaves it. */
function executed(outputs: NonNullable<Cell['outputs']>): Notebook {
  const injected = {
    ...code('a1b2', "const profile = 'quick';"),
    metadata: { tags: ['injected-parameters'] },
  };
  return notebookOf([
    markdown('demo-00', '# Demo'),
    parameters,
    injected,
    code('demo-02', 'plot()', outputs),
  ]);
}

const PICTURE = { 'image/png': 'aGVsbG8=' };
const figure = (data: Record<string, unknown> = {}): NonNullable<Cell['outputs']>[number] => ({
  output_type: 'display_data',
  data: {
    [PLOTLY]: { data: [{ y: [1 / 3, 2] }], layout: { meta: { alt: 'A line.' } } },
    ...PICTURE,
    ...data,
  },
});

function saved(outputs: NonNullable<Cell['outputs']>): Notebook {
  return withOutputs(source, executed(outputs), { stem: 'demo', profile: 'quick' });
}

const outputsOf = (notebook: Notebook): NonNullable<Cell['outputs']> => notebook.cells.at(-1)?.outputs ?? [];

describe('outputs as they are committed', () => {
  test('belong to their cell, numbered from the first; injected parameters are left out', () => {
    const result = saved([
      { output_type: 'execute_result', execution_count: 3, data: { 'text/plain': '1' } },
    ]);
    assert.deepEqual(
      result.cells.map(({ id, execution_count: count }) => [id, count]),
      [
        ['demo-00', undefined],
        ['demo-01', 1],
        ['demo-02', 2],
      ],
    );
    assert.equal(outputsOf(result)[0]?.execution_count, 2);
    assert.deepEqual(result.metadata, { msl: { executed: { code: codeHash(source), profile: 'quick' } } });
    assert.deepEqual(problemsOf(FILE, notebookText(result)), []);
  });

  test('numbers of figures keep five digits, pictures all', () => {
    const [output] = outputsOf(saved([figure()]));
    const drawn = { data: [{ y: [0.33333, 2] }], layout: { meta: { alt: 'A line.' } } };
    assert.deepEqual(output?.data, { [PLOTLY]: drawn, ...PICTURE });
  });

  test('a progress bar has no time, and a widget is not there', () => {
    const outputs = outputsOf(
      saved([
        { output_type: 'display_data', data: { 'text/plain': 'train: 8 of 8 · 1 min 05 s · loss 0.1' } },
        { output_type: 'display_data', data: { 'text/plain': 'fetch: 3 of 3 · 49 s' } },
        { output_type: 'display_data', data: { 'text/plain': 'slider', [WIDGET]: { model_id: 'x' } } },
      ]),
    );
    assert.deepEqual(
      outputs.map(({ data }) => data?.['text/plain']),
      [['train: 8 of 8 · loss 0.1'], ['fetch: 3 of 3']],
    );
  });

  test('a cell tagged `unsaved` keeps none, and counts as executed', () => {
    const tagged = structuredClone(source);
    tagged.cells.at(-1)!.metadata = { tags: ['unsaved'] };
    const result = withOutputs(tagged, executed([figure()]), { stem: 'demo', profile: 'quick' });
    assert.deepEqual([outputsOf(result), result.cells.at(-1)?.execution_count], [[], 2]);
    assert.deepEqual(problemsOf(FILE, notebookText(result)), []);
  });

  test('a cell without a name gets the first that is free, the others keep theirs', () => {
    const added = notebookOf([
      markdown('3f8a', 'new'),
      markdown('demo-00', 'old'),
      markdown('77ff', 'newer'),
    ]);
    const { cells } = withOutputs(added, added, { stem: 'demo', profile: 'quick' });
    assert.deepEqual(
      cells.map(({ id }) => id),
      ['demo-01', 'demo-00', 'demo-02'],
    );
    assert.equal(stemOf(FILE), 'demo');
  });

  test('a cell that was not executed is an error', () => {
    assert.throws(() => withOutputs(source, notebookOf([]), { stem: 'demo', profile: 'quick' }), /demo-01/);
  });

  test('the file is as Jupyter writes it, and saving twice gives the same', () => {
    const text = notebookText(saved([figure()]));
    assert.ok(text.startsWith('{\n "cells": [\n  {\n   "cell_type": "markdown",\n   "id": "demo-00",\n'));
    assert.match(text, /"source": \[\n {4}"# Demo"\n {3}\]/);
    assert.match(text, /"y": \[0\.33333,2\]/);
    assert.ok(text.endsWith('"nbformat_minor": 5\n}\n'));
    const again = withOutputs(JSON.parse(text) as Notebook, executed([figure()]), {
      ...{ stem: 'demo', profile: 'quick' },
    });
    assert.equal(notebookText(again), text);
  });
});

describe('the check of committed notebooks refuses', () => {
  /** A good notebook with one thing changed. */
  const changed = (change: (notebook: Notebook) => void): string => {
    const notebook = structuredClone(saved([figure()]));
    change(notebook);
    return notebookText(notebook);
  };
  const show = (text: string) => (notebook: Notebook) =>
    outputsOf(notebook).push({ output_type: 'stream', text });
  const cell = (notebook: Notebook): Cell => notebook.cells.at(-1)!;
  const CASES: readonly [name: string, change: (notebook: Notebook) => void, says: RegExp][] = [
    ['outputs of other code', (n) => (cell(n).source = 'plot(1)'), /of other code.*notebooks:save -- note/],
    ['a cell that was added', (n) => n.cells.push(code('demo-03', '1')), /other code/],
    ['a notebook that was never saved', (n) => (n.metadata = {}), /no outputs/],
    ['a cell without a number', (n) => (cell(n).execution_count = null), /demo-02 was not executed/],
    ['an error', (n) => outputsOf(n).push({ output_type: 'error' }), /demo-02 failed/],
    ['a figure without a picture', (n) => delete outputsOf(n)[0]?.data?.['image/png'], /no picture/],
    [
      'a figure without words',
      (n) => (outputsOf(n)[0]!.data![PLOTLY] = {}),
      /demo-02 has no `layout.meta.alt`/,
    ],
    ['a picture without words', (n) => (outputsOf(n)[0]!.data = PICTURE), /has no words/],
    ['a path', show('saved in /home/ada/runs'), /path of this machine: \/home\/ada/],
    ['a path of Windows', show('C:\\Users\\ada'), /path of this machine: C:\\Users/],
    ['a user', show('by ada.'), /name of a user: ada/],
    ['a script', show('<script src="x">'), /script/],
    ['plotly.js', show('/* plotly.js v4.1.1 */'), /script/],
    ['a large file', show('x'.repeat(1.5e6)), /1\.50 MB/],
    ['a random id', (n) => (cell(n).id = '3f8a91c2'), /3f8a91c2 is not called demo-/],
    ['an id twice', (n) => (cell(n).id = 'demo-00'), /demo-00 is not/],
    ['no profile', (n) => (n.cells[1]!.metadata = {}), /`parameters`/],
    ['a widget', (n) => (outputsOf(n)[0]!.data![WIDGET] = {}), /widget/],
    ['outputs that are not to be saved', (n) => (cell(n).metadata = { tags: ['unsaved'] }), /`unsaved`/],
    ['a long cell', (n) => (cell(n).source = '1;\n'.repeat(41)), /41 lines/],
  ];
  for (const [name, change, says] of CASES) {
    test(name, () => {
      assert.match(problemsOf(FILE, changed(change), { user: 'ada' }).join('\n'), says);
    });
  }

  test('and nothing else: prose that changed, addresses, words that hold a name', () => {
    const text = changed((notebook) => {
      notebook.cells[0]!.source = '# Another title, for https://example.org/home/ada2 and ../runs/tmp/x';
      show('adaptive, 1/2, 3/4')(notebook);
    });
    assert.deepEqual(problemsOf(FILE, text, { user: 'ada' }), []);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  markdownReport,
  parseCsv,
  REPORT_FORMATS,
  reportFiles,
  reportJson,
  tableCsv,
  tableLatex,
  tableMarkdown,
  tableText,
  type Table,
} from '../../src/report/index.ts';
import { escapeMarkdown, headingAnchor } from '../../src/report/formats/markdown.ts';
import { sampleStudy } from './sample.ts';

/** A table with everything that a format has to mind. */
const table: Table = {
  title: 'Test & <title>',
  note: 'A note_with 50 %.',
  rowHeader: 'arm, "quoted"',
  rows: ['a|b_c', 'x & y', 'mean'],
  summaryRows: 1,
  columns: [
    {
      name: 'error (%)',
      values: [0.344, 0.35, null],
      deviations: [0.0123, null, null],
      bold: [true, false, false],
      format: (value) => (value * 100).toFixed(2),
      factor: 100,
    },
    {
      name: 'interval, 95 %',
      values: [-1.5, null, NaN],
      upper: [2, null, null],
      format: (value) => value.toFixed(1).replace('-', '−'),
    },
    { name: 'kind', values: ['line\nbreak', '"', 'diverged'], format: String },
  ],
};

test('tableCsv: quoted where it has to be, numbers in full, ends and deviations in columns of their own', () => {
  const text = tableCsv(table);
  assert.equal(
    text,
    [
      '"arm, ""quoted""",error (%),"error (%), standard deviation","interval, 95 %, low","interval, 95 %, high",kind',
      'a|b_c,34.4,1.23,-1.5,2,"line\nbreak"',
      'x & y,35,,,,""""',
      'mean,,,,,diverged',
      '',
    ].join('\n'),
  );
  assert.deepEqual(parseCsv(text)[1], ['a|b_c', '34.4', '1.23', '-1.5', '2', 'line\nbreak']);
});

test('parseCsv refuses what is damaged', () => {
  assert.throws(() => parseCsv('a,b\n1,"2'), /Quoted field unterminated/);
  assert.throws(() => parseCsv('a,b\n1,2\n3\n'), /row 3 has 1 cells, the heading 2/);
});

test('tableMarkdown: bold, escaped, notes behind', () => {
  assert.equal(
    tableMarkdown(table),
    [
      '### Test & \\<title\\>',
      '',
      '| arm, "quoted" | error (%) | interval, 95 % | kind |',
      '| --- | ---: | ---: | --- |',
      '| a\\|b\\_c | **34.40 ± 1.23** | −1.5 to 2.0 | line break |',
      '| x & y | 35.00 | – | " |',
      '| mean | – | – | diverged |',
      '',
      'A note\\_with 50 %.',
      '',
    ].join('\n'),
  );
});

test('escapeMarkdown: entities, formulas and what begins a list stay what they are', () => {
  for (const [text, escaped] of [
    ['&lt; & &#38; AT&T;', '\\&lt; & &\\#38; AT\\&T;'],
    ['$a$', '\\$a\\$'],
    ['1. one', '1\\. one'],
    ['2) two', '2\\) two'],
    ['- a - b', '\\- a - b'],
    ['+ a', '\\+ a'],
    ['1.5 - 2', '1.5 - 2'],
    ['-0.5', '-0.5'],
  ] as const) {
    assert.equal(escapeMarkdown(text), escaped);
  }
});

test('headingAnchor: the name that GitHub gives a heading', () => {
  assert.equal(headingAnchor('CIFAR-10, 5,000 images: σ (ICVL) & x_1'), 'cifar-10-5000-images-σ-icvl--x_1');
});

test('tableLatex: booktabs, bold, rules, escaped', () => {
  assert.equal(
    tableLatex(table),
    [
      '% Test & <title>: A note_with 50 %.',
      '\\begin{tabular}{lrrl}',
      '  \\toprule',
      "  arm, ''quoted'' & error (\\%) & interval, 95 \\% & kind \\\\",
      '  \\midrule',
      '  a$|$b\\_c & \\textbf{\\boldmath 34.40 $\\pm$ 1.23} & $-$1.5 to 2.0 & line break \\\\',
      "  x \\& y & 35.00 & -- & '' \\\\",
      '  \\midrule',
      '  mean & -- & -- & diverged \\\\',
      '  \\bottomrule',
      '\\end{tabular}',
      '',
    ].join('\n'),
  );
});

test('tableLatex: letters and signs of own titles are commands that pdfLaTeX knows', () => {
  const [title, set] = [
    'CE + λ·W, α ≤ 0.5 × β², µ ± σ — 3–4 “quoted” … Δ a--b x→y\u00a0é',
    'CE + $\\lambda$$\\cdot$W, $\\alpha$ $\\le$ 0.5 $\\times$ $\\beta$$^2$, $\\mu$ $\\pm$ $\\sigma$ --- 3--4 ' +
      "``quoted'' \\dots{} $\\Delta$ a-{}-b x$\\to$y~é",
  ];
  const line = tableLatex({ ...table, rows: [title, 'b', 'c'] }).split('\n')[5]!;
  assert.ok(line.startsWith(`  ${set} & `), line);
  // Every Greek letter, Unicode's two kinds of some of them included.
  const greek = 'αβγδεϵζηθϑικλμµνξοπρσςτυφϕχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ';
  for (const letter of greek) {
    const row = tableLatex({ ...table, rows: [letter, 'b', 'c'] }).split('\n')[5]!;
    assert.match(row, /^ {2}\$(\\[A-Za-z]+|[A-Zo])\$ & /, letter);
  }
});

test('tableLatex: a row that begins with a bracket or a star is no option of the line before', () => {
  const rows = tableLatex({ ...table, rowHeader: '[h]', rows: ['[a]', ' [b]', '*c'] }).split('\n');
  for (const [line, begin] of [
    [3, '  {[}h] & '],
    [5, '  {[}a] & '],
    [6, '  {[}b] & '],
    [8, '  {*}c & '],
  ] as const) {
    assert.ok(rows[line]!.startsWith(begin), rows[line]);
  }
});

test('tableText: a star where others are bold', async () => {
  assert.match(await tableText(table), /│ 34\.40 ± 1\.23 \* │/);
});

test('reportJson: numbers in the units of their headings', () => {
  const study = sampleStudy({ ce: [{ error: 0.35 }], msl: [{ error: 0.344 }] });
  const { tables, comparisons } = reportJson(study) as unknown as {
    tables: { title: string; columns: { name: string; values: unknown[] }[] }[];
    comparisons: { arm: string; differences: number[] }[];
  };
  assert.deepEqual(tables[0]!.columns[1], { name: 'CE + MSL (%)', values: [34.4, 34.4] });
  assert.deepEqual([comparisons[0]!.arm, comparisons[0]!.differences], ['msl', [-0.006]]);
});

test('reportFiles: every form has files with a text, and names that differ', async () => {
  const study = sampleStudy({ ce: [{ error: 0.35 }], msl: [{ error: 'diverged' }] });
  const files = (await Promise.all(REPORT_FORMATS.map(async (format) => reportFiles(study, format)))).flat();
  const names = files.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of [
    'report.txt',
    'report.md',
    'report.html',
    'report.json',
    'test-error.csv',
    'results.tex',
  ]) {
    assert.ok(names.includes(name), name);
  }
  for (const { name, text } of files) {
    assert.ok(text.endsWith('\n') && !/undefined|\bNaN\b/.test(name === 'report.html' ? '' : text), name);
  }
});

test('markdownReport without what depends on the machine is the same wherever it was made', () => {
  const study = sampleStudy({ ce: [{ error: 0.35 }], msl: [{ error: 0.344 }] });
  const elsewhere = {
    ...study,
    runs: study.runs.map((run) => ({
      ...run,
      environment: { cpu: 'another' },
      summary: { ...run.summary, timing: { ...run.summary.timing, seconds: 1, imagesPerSecond: 5 } },
    })),
  };
  const text = markdownReport(study, { ofMachine: false });
  assert.equal(markdownReport(elsewhere, { ofMachine: false }), text);
  assert.notEqual(markdownReport(elsewhere), markdownReport(study));
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { htmlReport, RECONSTRUCTION, textReport } from '../../src/report/index.ts';
import { sampleStudy } from './sample.ts';

const runs = { ce: [{ error: 0.35 }, { error: 0.36 }], msl: [{ error: 0.34 }, { error: 0.35 }] };
const evilTitle = '</script><script>alert(1)</script><img src=x onerror="alert(2)">';
const evil = {
  ...sampleStudy({ ...runs, titles: ['CE', evilTitle], classes: [evilTitle, '<!--'] }),
  title: evilTitle,
  question: evilTitle,
  name: evilTitle,
  command: evilTitle,
};

/** The page without its scripts and style. */
const markup = (html: string): string => html.replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, '');
const scripts = (html: string): string[] =>
  [...html.matchAll(/<script(?: type="application\/json" id="figures")?>(.*?)<\/script>/gs)].map(
    (match) => match[1]!,
  );

describe('htmlReport', () => {
  let html: string;
  let text: string;
  before(async () => {
    html = await htmlReport(sampleStudy(runs));
    text = markup(html);
  });

  test('says what was asked, what was measured, and that the loss is a reconstruction', () => {
    assert.match(text, /<h1>A sample study<\/h1>\s*<p class="question">Does it matter\?<\/p>/);
    assert.match(
      text,
      /CE \+ MSL had the lower test error in both seeds, by 1\.00 points on average \(34\.50&nbsp;% against 35\.50&nbsp;%\)/,
    );
    assert.ok(text.includes(RECONSTRUCTION));
  });

  test('has the tables, a place for each figure with a caption, and how to make it again', () => {
    assert.match(
      text,
      /<tr><th scope="row">seed 2<\/th><td>36\.00<\/td><td>35\.00<\/td><td>−1\.00<\/td><\/tr>/,
    );
    assert.match(text, /<th scope="col">gradient norm at the logits, after training<\/th>/);
    const figures = JSON.parse(scripts(html)[0]!) as Record<string, { data: unknown[] }>;
    const places = [
      ...text.matchAll(
        /<div class="plot" id="([a-z-]+)" role="img" aria-label="[^"]+"><\/div><figcaption>[^<]+/g,
      ),
    ];
    assert.deepEqual(
      places.map((match) => match[1]),
      ['test-error', 'forest', 'gradient-norm', 'learning-curves', 'separability', 'projection'],
    );
    assert.deepEqual(Object.keys(figures).sort(), places.map((match) => match[1]).sort());
    assert.match(text, /<code>npx msl study run sample --profile tiny<\/code>/);
  });

  test('shows the arms’ specifications, what differs first, and every environment', () => {
    const differing = [
      ...text.matchAll(/<tr class="differs"><th scope="row">([^<]+)<\/th><td>([^<]+)<\/td><td>([^<]+)/g),
    ];
    assert.deepEqual(
      differing.map((match) => match.slice(1)),
      [
        ['loss.msl.weight', '–', '0.1'],
        ['loss.msl.margin', '–', '1'],
      ],
    );
    assert.match(
      text,
      /<tr><th scope="row">network\.widths<\/th><td>\[16,32\]<\/td><td>\[16,32\]<\/td><\/tr>/,
    );
    assert.match(text, /<tr><th scope="row">seed<\/th><td>1; 2<\/td><td>1; 2<\/td><\/tr>/);
    assert.match(text, /<tr><th scope="row">cpu<\/th><td>Model 1; Model 2<\/td><\/tr>/);
    assert.match(text, /<tr><th scope="row">commit<\/th><td>null<\/td><\/tr>/);
    assert.doesNotMatch(text, /schemaVersion/);
  });

  test('needs no network: a policy that forbids it and names the page’s two scripts, and no address in the markup', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
    assert.match(policy, /^default-src 'none'; script-src 'sha256-/);
    assert.doesNotMatch(policy, /unsafe-eval|connect-src|https?:/);
    const [, ...code] = scripts(html);
    assert.equal(code.length, 2);
    assert.match(code[0]!, /plotly\.js v4\.1\.1/);
    for (const source of code) {
      assert.ok(policy.includes(`'sha256-${createHash('sha256').update(source).digest('base64')}'`));
    }
    assert.doesNotMatch(text, /(src|href)="(?!data:,")/);
    assert.ok(html.indexOf('Content-Security-Policy') < html.indexOf('<script'));
  });

  test('lets no name become markup or end a script', async () => {
    const page = await htmlReport(evil);
    const code = scripts(page);
    assert.equal(code.length, 3, 'no script more');
    assert.equal((page.match(/<\/script/gi) ?? []).length, 3);
    assert.doesNotMatch(markup(page), /<img|<script|onerror="/);
    assert.ok(JSON.parse(code[0]!), 'the figures can still be read');
    assert.match(page, /<h1>&lt;\/script&gt;&lt;script&gt;alert\(1\)/);
  });

  test('draws of many arms those of the question alone, and the differences of all', async () => {
    const two = sampleStudy(runs);
    const names = ['a', 'b', 'c'];
    const many = await htmlReport({
      ...two,
      arms: [...two.arms, ...names.map((name) => ({ name, title: `arm ${name}` }))],
      runs: [
        ...two.runs,
        ...names.flatMap((arm) =>
          two.runs.filter((run) => run.arm === 'msl').map((run) => ({ ...run, arm })),
        ),
      ],
    });
    const figures = JSON.parse(scripts(many)[0]!) as Record<string, { data: { name?: string }[] }>;
    const drawn = (id: string) => figures[id]!.data.flatMap(({ name }) => name ?? []);
    for (const id of ['test-error', 'gradient-norm', 'learning-curves', 'separability']) {
      assert.deepEqual([...new Set(drawn(id))], ['CE', 'CE + MSL'], id);
    }
    assert.match(JSON.stringify(figures['forest']), /arm a.*arm b.*arm c/);
    assert.match(markup(many), /Of 5 arms this figure .* CE and CE \+ MSL; the differences below show all/);
    assert.doesNotMatch(text, /the differences below show all/);
  });

  test('leaves out what there is no data for', async () => {
    const page = await htmlReport(sampleStudy({ ce: [{ error: 'diverged', gradientNorms: [] }], msl: [] }));
    assert.deepEqual(Object.keys(JSON.parse(scripts(page)[0]!) as object), ['test-error', 'projection']);
    assert.match(markup(page), /No run has finished, so there is nothing to compare\./);
    assert.doesNotMatch(markup(page), /NaN|undefined|Infinity/);
  });
});

test('textReport has the same sentences and tables, in lines that fit a terminal', async () => {
  const text = await textReport(sampleStudy(runs));
  const flat = text.replaceAll('\n', ' ');
  assert.match(text, /^A sample study\n\nDoes it matter\? A network was trained/);
  assert.ok(flat.includes('CE + MSL had the lower test error in both seeds, by 1.00 points on average'));
  assert.ok(flat.includes(RECONSTRUCTION));
  for (const title of ['Test error', 'Results', 'Separability by layer', 'Cost']) {
    assert.ok(text.includes(`\n\n${title}\n┌─`), title);
  }
  assert.ok(text.endsWith('To make it again: npx msl study run sample --profile tiny'));
  assert.ok(
    text.split('\n').every((line) => line.length <= 96),
    'no line is longer than 96',
  );
});

test('a study without arms is refused', async () => {
  await assert.rejects(htmlReport({ ...sampleStudy(runs), arms: [] }), /The study sample has no arm/);
});

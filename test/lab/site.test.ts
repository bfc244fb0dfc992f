/** Links of the documentation: between sources, and between the pages that come of them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { root } from './support.ts';

interface Page {
  readonly source: string;
  readonly address: string;
  readonly title: string;
}
interface Site {
  readonly pages: readonly Page[];
  readonly folders: readonly string[];
  readonly root: string;
}

const load = (name: string): Promise<unknown> =>
  import(pathToFileURL(path.join(root, 'scripts', 'docs', name)).href);
const { linkTarget, pageGroups, apiFolders, relativeLink, slug } = (await load('pages.mjs')) as {
  readonly linkTarget: (href: string, source: string, site: Site) => { address: string; copy?: string };
  readonly pageGroups: (root: string) => { title: string; pages: Page[] }[];
  readonly apiFolders: (root: string) => string[];
  readonly relativeLink: (from: string, to: string) => string;
  readonly slug: (text: string) => string;
};
const { pageContent } = (await load('content.mjs')) as {
  readonly pageContent: (
    html: string,
    page: Page,
    site: Site,
  ) => Record<'html', string> & {
    readonly headings: { id: string; title: string }[];
    readonly formulas: boolean;
    readonly figures: boolean;
    readonly copies: string[];
  };
};
const { checkLinks } = (await load('links.mjs')) as {
  readonly checkLinks: (site: string) => { broken: string[]; links: number; away: number; pages: number };
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-site-'));
after(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const pages = pageGroups(root).flatMap((group) => group.pages);
const site: Site = { pages, folders: apiFolders(root), root };
const page = (source: string): Page => pages.find((one) => one.source === source)!;

describe('the documentation', () => {
  test('has every notebook and document once, by its heading', () => {
    const sources = pages.map(({ source }) => source);
    assert.equal(new Set(sources).size, sources.length);
    for (const source of ['README.md', 'notebooks/00-start.ipynb', 'docs/kernel.md', 'RESULTS.md'])
      assert.ok(sources.includes(source), source);
    assert.deepEqual(page('notebooks/00-start.ipynb'), {
      source: 'notebooks/00-start.ipynb',
      address: 'notebooks/00-start.html',
      title: '00 A first tour',
    });
    assert.equal(page('README.md').address, 'index.html');
    assert.ok(site.folders.includes('losses') && !site.folders.includes('kernel'));
  });

  test('leads from a source to the page of another, to the API, or to a copy', () => {
    const target = (href: string, source = 'docs/engine.md') => linkTarget(href, source, site);
    assert.deepEqual(target('../README.md#notebooks'), { address: 'index.html#notebooks' });
    assert.deepEqual(target('data.md'), { address: 'docs/data.html' });
    assert.deepEqual(target('../src/losses/center.ts'), { address: 'api/modules/losses.html' });
    assert.deepEqual(target('../LICENSE'), { address: 'files/LICENSE', copy: 'LICENSE' });
    assert.deepEqual(target('../bench/peers'), { address: '' });
    assert.deepEqual(target('https://arxiv.org/abs/1906.06633'), {
      address: 'https://arxiv.org/abs/1906.06633',
    });
    assert.deepEqual(target('#here'), { address: '#here' });
    assert.equal(relativeLink('docs/engine.html', 'index.html#x'), '../index.html#x');
    assert.equal(relativeLink('docs/engine.html', 'docs/engine.html'), 'engine.html');
  });

  test('names headings as GitHub does', () => {
    assert.equal(slug('What `msl` is: A & B'), 'what-msl-is-a--b');
    const heading = (level: number) =>
      `<h${level} id="X">Twice<a class="anchor-link" href="#X">&#182;</a></h${level}>`;
    const { headings, html } = pageContent(heading(2) + heading(2), page('docs/data.md'), site);
    assert.deepEqual(headings, [
      { id: 'twice', title: 'Twice' },
      { id: 'twice-1', title: 'Twice' },
    ]);
    assert.match(html, /<h2 id="twice">Twice<a class="anchor" href="#twice"/);
  });

  test('sees formulas in text, not in code', () => {
    const has = (html: string) => pageContent(html, page('docs/data.md'), site).formulas;
    assert.equal(has('<p>$x_1$</p>'), true);
    assert.equal(has('<pre>$OUT and $IN</pre><p>costs 3 $</p>'), false);
  });

  test('a link to a folder is its text; tables can be scrolled', () => {
    const { html } = pageContent(
      '<p><a href="peers">these</a></p><table></table>',
      page('bench/README.md'),
      site,
    );
    assert.equal(html, '<p>these</p><div class="scroll"><table></table></div>');
  });
});

test('links that lead nowhere are found', () => {
  fs.mkdirSync(path.join(folder, 'docs'));
  fs.writeFileSync(
    path.join(folder, 'index.html'),
    '<h1 id="top"></h1><a href="docs/a.html#b">1</a><a href="docs/a.html#c">2</a><a href="#top">3</a>' +
      '<img src="none.png"><a href="https://example.org">4</a><script>"<a href=\\"x\\">"</script>',
  );
  fs.writeFileSync(
    path.join(folder, 'docs', 'a.html'),
    '<p id="b"><a href="../index.html#top"></a><a href="b.html"></a></p>',
  );
  assert.deepEqual(checkLinks(folder), {
    broken: ['index.html: docs/a.html#c', 'index.html: none.png', 'docs/a.html: b.html'],
    ...{ links: 7, away: 1, pages: 2 },
  });
});

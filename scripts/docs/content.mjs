// @ts-check
// What nbconvert made of a source, for its page.
import { linkTarget, relativeLink, slug } from './pages.mjs';

/**
 * @typedef {object} Heading
 * @property {string} id
 * @property {string} title
 *
 * @typedef {object} Content
 * @property {string} html
 * @property {Heading[]} headings of the second level
 * @property {boolean} figures
 * @property {boolean} formulas
 * @property {string[]} copies files of the project that it shows or links to
 */

/**
 * Links lead to pages, headings have the names that GitHub gives them, and tables and pictures fit a narrow page.
 *
 * @param {string} html
 * @param {import('./pages.mjs').Page} page
 * @param {Parameters<typeof linkTarget>[2]} site
 * @returns {Content}
 */
export function pageContent(html, page, site) {
  /** @type {string[]} */
  const copies = [];
  /** @type {Heading[]} */
  const headings = [];
  const ids = new Set();
  const result = html
    .replace(/<h([1-6]) id="[^"]*">(.*?)<a class="anchor-link"[^>]*>.*?<\/a><\/h\1>/gs, (_, level, inner) => {
      const title = textOf(inner);
      const name = slug(title);
      let id = name;
      for (let n = 1; ids.has(id); n++) id = `${name}-${n}`;
      ids.add(id);
      if (level === '2') headings.push({ id, title });
      return `<h${level} id="${id}">${inner}<a class="anchor" href="#${id}" aria-label="Link to this section">#</a></h${level}>`;
    })
    .replace(/(<(?:a|img)\b[^>]*?\b(?:href|src)=")([^"]*)"/g, (_, before, href) => {
      const { address, copy } = linkTarget(unescaped(href), page.source, site);
      if (copy !== undefined) copies.push(copy);
      if (address === '') return `${before}" data-folder`;
      return `${before}${escaped(relativeLink(page.address, address))}"`;
    })
    // A link to a folder, which has no page, is its text.
    .replace(/<a\b[^>]*\bhref="" data-folder[^>]*>(.*?)<\/a>/gs, '$1')
    .replace(/<table\b.*?<\/table>/gs, (table) => `<div class="scroll">${table}</div>`);
  return {
    html: result,
    headings,
    copies,
    figures: result.includes('class="figure"'),
    // Not in code, where a dollar sign is one.
    formulas: /\$[^$]+\$/.test(result.replace(/<(pre|code|script)\b.*?<\/\1>/gs, '')),
  };
}

/** @param {string} html @returns {string} what can be read of it */
function textOf(html) {
  return unescaped(html.replace(/<[^>]*>/g, ''));
}

/** @param {string} text */
export const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** @param {string} text */
const unescaped = (text) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

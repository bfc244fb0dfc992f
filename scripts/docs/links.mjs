// @ts-check
import fs from 'node:fs';
import path from 'node:path';

/**
 * The links of a site that lead nowhere: to a file that is not there, or a place that its page does not have. Addresses on
 * the network are counted, not visited.
 *
 * @param {string} site its folder
 * @returns {{ broken: string[], links: number, away: number, pages: number }}
 */
export function checkLinks(site) {
  const files = fs
    .readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => name.split(path.sep).join('/'));
  const pages = new Map(files.map((file) => [file, linksOf(fs.readFileSync(path.join(site, file), 'utf8'))]));
  /** @type {string[]} */
  const broken = [];
  let links = 0;
  let away = 0;
  for (const [file, { hrefs }] of pages) {
    for (const href of hrefs) {
      if (/^(?:data|javascript):/.test(href)) continue;
      links++;
      if (/^(?:[a-z]+:|\/\/)/i.test(href)) away++;
      else if (!leads(site, pages, file, href)) broken.push(`${file}: ${href}`);
    }
  }
  return { broken: [...new Set(broken)], links, away, pages: files.length };
}

/**
 * @param {string} site
 * @param {ReadonlyMap<string, { ids: ReadonlySet<string> }>} pages
 * @param {string} from
 * @param {string} href
 */
function leads(site, pages, from, href) {
  const [address = '', anchor = ''] = href.split('#');
  const to = decodeURI(address === '' ? from : path.posix.join(path.posix.dirname(from), address));
  if (!fs.existsSync(path.join(site, to))) return false;
  const page = pages.get(to);
  return anchor === '' || page === undefined || page.ids.has(decodeURIComponent(anchor));
}

/** @param {string} html */
function linksOf(html) {
  // Scripts hold texts that look like links.
  const read = html
    .replace(/<script\b([^>]*)>.*?<\/script>/gs, '<script$1></script>')
    .replaceAll('&amp;', '&');
  const values = (/** @type {RegExp} */ pattern) =>
    [...read.matchAll(pattern)].map(([, value = '']) => value);
  return { hrefs: values(/\s(?:href|src)="([^"]*)"/g), ids: new Set(values(/\sid="([^"]*)"/g)) };
}

// @ts-check
import { escaped } from './content.mjs';
import { relativeLink } from './pages.mjs';

/**
 * The navigation, the same on every page: groups of pages, and the folders of the API.
 *
 * @param {string} address of the page it stands on
 * @param {{ groups: readonly import('./pages.mjs').Group[], folders: readonly string[] }} site
 */
export function navigation(address, { groups, folders }) {
  const entry = (/** @type {string} */ to, /** @type {string} */ title) => {
    const current = to === address ? ' aria-current="page"' : '';
    return `<li><a href="${escaped(relativeLink(address, to))}"${current}>${escaped(title)}</a></li>`;
  };
  const lists = [
    ...groups.map(({ title, pages }) => ({
      title,
      entries: pages.map((page) => entry(page.address, page.title)),
    })),
    { title: 'API', entries: folders.map((folder) => entry(`api/modules/${folder}.html`, folder)) },
  ];
  return lists
    .map(({ title, entries }) => `<h2>${escaped(title)}</h2><ul>${entries.join('')}</ul>`)
    .join('\n');
}

/**
 * A page of the site, whole.
 *
 * @param {import('./pages.mjs').Page} page
 * @param {import('./content.mjs').Content} content
 * @param {Parameters<typeof navigation>[1]} site
 */
export function pageHtml({ address, title }, { html, headings, figures, formulas }, site) {
  const asset = (/** @type {string} */ name) => relativeLink(address, `assets/${name}`);
  const outline = headings.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`);
  const scripts = [
    ...(figures ? ['plotly.min.js', 'figures.js'] : []),
    ...(formulas ? ['formulas.js', 'mathjax/tex-svg.js'] : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · MSL workbook</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${asset('site.css')}">
<link rel="stylesheet" href="${asset('code.css')}">
</head>
<body class="page-own">
<a class="skip" href="#content">Skip to the content</a>
${menu(address, site)}
<div class="page">
<nav class="side" aria-label="All pages">${navigation(address, site)}</nav>
<main id="content">
${html}
</main>
${outline.length < 3 ? '' : `<nav class="outline" aria-label="This page"><h2>This page</h2><ul>${outline.join('')}</ul></nav>`}
</div>
${scripts.map((name) => `<script src="${asset(name)}"></script>`).join('\n')}
</body>
</html>
`;
}

/**
 * The bar at the top, with the navigation in it for narrow pages.
 *
 * @param {string} address
 * @param {Parameters<typeof navigation>[1]} site
 */
export function menu(address, site) {
  return `<header class="msl-bar"><a class="msl-home" href="${relativeLink(address, 'index.html')}">MSL workbook</a>
<details class="msl-menu"><summary>Pages</summary><nav aria-label="Pages">${navigation(address, site)}</nav></details></header>`;
}

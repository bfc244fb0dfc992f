// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { menu } from './page.mjs';

/**
 * The API of the libraries in `src`, by TypeDoc.
 *
 * @param {string} out its folder
 * @param {{ root: string, folders: readonly string[] }} options
 */
export async function writeApi(out, { root, folders }) {
  const { Application, TSConfigReader } = await import('typedoc');
  const app = await Application.bootstrap(
    {
      name: 'MSL workbook: API',
      entryPoints: folders.map((folder) => path.join(root, 'src', folder, 'index.ts')),
      basePath: path.join(root, 'src'),
      tsconfig: path.join(root, 'tsconfig.json'),
      // `npm run check` looks at types.
      skipErrorChecking: true,
      disableSources: true,
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      readme: 'none',
      hideGenerator: true,
      includeHierarchySummary: false,
      logLevel: 'Error',
      githubPages: false,
    },
    [new TSConfigReader()],
  );
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources.');
  await app.generateDocs(project, out);
}

/**
 * Puts the site's navigation on the pages that TypeDoc made.
 *
 * @param {string} site the site's folder, in which they are in `api`
 * @param {Parameters<typeof menu>[1]} navigation
 * @returns {number} how many pages
 */
export function addNavigation(site, navigation) {
  const files = fs.readdirSync(path.join(site, 'api'), { recursive: true, encoding: 'utf8' });
  const pages = files.filter((name) => name.endsWith('.html'));
  for (const name of pages) {
    const address = path.posix.join('api', ...name.split(path.sep));
    const file = path.join(site, ...address.split('/'));
    const style = path.posix.relative(path.posix.dirname(address), 'assets/bar.css');
    const html = fs
      .readFileSync(file, 'utf8')
      .replace('</head>', `<link rel="stylesheet" href="${style}"></head>`)
      .replace(/<body>/, `<body>${menu(address, navigation).replaceAll('$', '$$$$')}`);
    fs.writeFileSync(file, html);
  }
  return pages.length;
}

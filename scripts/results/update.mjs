// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { register } from 'tsx/esm/api';

import { drawFigures } from '../lab/figures.mjs';

/** Documents with blocks of results. */
const DOCUMENTS = ['README.md', 'RESULTS.md', 'docs/report.md'];

/** Pictures, and by their names the hashes of what they were drawn from. */
const FIGURES = 'results/figures';
const HASHES = 'figures.json';

/**
 * Makes the documents' blocks and the pictures again from what is published.
 *
 * @param {string} root the project
 * @param {{ check: boolean }} options `check`: nothing is written
 * @returns {Promise<string[]>} what is wrong, a line each
 */
export async function updateResults(root, { check }) {
  register();
  const { allPublishedFigures, extractOf, fillBlocks, readPublication, resultBlocks, staleFiles } =
    await import('../../src/report/index.ts');
  const publication = readPublication();
  /** @type {string[]} */
  const problems = [];
  for (const { name, records } of publication.published) {
    const folder = extractOf(name) ?? '';
    for (const file of staleFiles(folder, records)) {
      // Its corrected p changes with what else is published.
      if (file.name === 'report.md' && !check) fs.writeFileSync(path.join(folder, file.name), file.text);
      else
        problems.push(
          file.name === 'report.md'
            ? `results/${name}/full/report.md is not what the records give: npm run results.`
            : `results/${name}/full/${file.name} is not what its rows give: make the extract again (msl study report --save).`,
        );
    }
  }
  const blocks = resultBlocks(publication);
  for (const document of DOCUMENTS) {
    const file = path.join(root, document);
    const before = fs.readFileSync(file, 'utf8');
    const after = fillBlocks(before, blocks, document);
    if (after === before) continue;
    if (check) problems.push(`${document} is not what the records give: npm run results.`);
    else fs.writeFileSync(file, after);
  }
  const figures = allPublishedFigures(publication);
  return [...problems, ...(await updatePictures(path.join(root, FIGURES), figures, { root, check }))];
}

/**
 * @param {string} folder
 * @param {readonly import('../../src/report/index.ts').PublishedFigure[]} figures
 * @param {{ root: string, check: boolean }} options
 * @returns {Promise<string[]>} what is wrong
 */
async function updatePictures(folder, figures, { root, check }) {
  const list = path.join(folder, HASHES);
  /** @type {Record<string, string>} */
  const drawn = fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, 'utf8')) : {};
  const file = (/** @type {string} */ name) => path.join(folder, `${name}.png`);
  const stale = figures.filter(({ name, sha256 }) => drawn[name] !== sha256 || !fs.existsSync(file(name)));
  const left = Object.keys(drawn).filter((name) => !figures.some((figure) => figure.name === name));
  if (check) {
    return [
      ...stale.map(({ name }) => `${FIGURES}/${name}.png is not drawn from the records: npm run results.`),
      ...left.map((name) => `${FIGURES}/${name}.png belongs to no published study: npm run results.`),
    ];
  }
  if (stale.length === 0 && left.length === 0) return [];
  fs.mkdirSync(folder, { recursive: true });
  const pictures = await drawFigures(
    stale.map(({ figure }) => figure),
    { root },
  );
  for (const [i, { name, sha256 }] of stale.entries()) {
    const picture = pictures[i];
    if (picture === undefined) continue;
    fs.writeFileSync(file(name), picture, 'base64');
    drawn[name] = sha256;
  }
  for (const name of left) {
    fs.rmSync(file(name), { force: true });
    delete drawn[name];
  }
  const sorted = Object.fromEntries(Object.entries(drawn).sort(([a], [b]) => (a < b ? -1 : 1)));
  fs.writeFileSync(list, `${JSON.stringify(sorted, null, 2)}\n`);
  return stale.flatMap(({ name }, i) =>
    pictures[i] === undefined ? [`${FIGURES}/${name}.png is not drawn.`] : [],
  );
}

// @ts-check
import fs from 'node:fs';
import path from 'node:path';

import { leadsTo, linkTo } from '../setup/link.mjs';

/**
 * Packages that the built one carries in `dist/node_modules`, because npm could not install them with it: the
 * install script of tfjs-node downloads a TensorFlow that is not used, and fails where it cannot; danfojs asks for an
 * old tfjs-node and for a file outside of the registry, which `overrides` mend in this project only.
 *
 * @type {readonly { name: string, copied: readonly string[], skip?: RegExp, unused: readonly string[] }[]}
 * `unused`: dependencies that only its install script, or a test, has
 */
const CARRIED = [
  {
    name: '@tensorflow/tfjs-node',
    copied: ['dist', 'binding', 'README.md'],
    skip: /(?:_test|run_tests)(?:\.d)?\.[jt]s$/,
    unused: ['adm-zip', 'https-proxy-agent', 'tar'],
  },
  { name: 'danfojs-node', copied: ['dist', 'README.md'], unused: [] },
];

/**
 * Copies these packages, without the scripts that npm would run. What they need is among this package's own
 * dependencies, so that npm installs it in the ordinary way.
 *
 * @param {string} root the project
 * @param {string} output its `dist`
 * @throws {Error} where one of their dependencies is missing from package.json
 */
export function carry(root, output) {
  /** @type {Record<string, string>} */
  const own = description(root).dependencies;
  for (const { name, copied, skip, unused } of CARRIED) {
    const from = path.join(root, 'node_modules', name);
    const to = path.join(output, 'node_modules', name);
    const about = description(from);
    delete about.scripts;
    delete about.devDependencies;
    for (const needed of Object.keys(about.dependencies)) {
      if (unused.includes(needed) || needed in own || CARRIED.some((other) => other.name === needed))
        continue;
      throw new Error(`package.json: '${needed}' has to be among the dependencies, since ${name} needs it.`);
    }
    for (const part of copied) {
      fs.cpSync(path.join(from, part), path.join(to, part), {
        recursive: true,
        filter: (file) => skip === undefined || !skip.test(file),
      });
    }
    fs.writeFileSync(path.join(to, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
  }
  // The compiled addon is not part of the package; in this project what is built uses the one that is set up.
  const lib = path.join('node_modules', '@tensorflow', 'tfjs-node', 'lib');
  for (const link of fs.existsSync(path.join(root, lib)) ? fs.readdirSync(path.join(root, lib)) : []) {
    const addon = leadsTo(path.join(root, lib, link));
    if (addon !== undefined) linkTo(path.join(output, lib, link), addon);
  }
}

/**
 * @param {string} folder
 * @returns {any} its package.json
 */
function description(folder) {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

// @ts-check
// `npm run results`: README.md, RESULTS.md, docs/report.md and their pictures, from what is published in `results`. See options.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { WrongUse, ensureDependencies } from './setup/index.mjs';

const HELP = `Usage: npm run results [-- OPTIONS]

Fills the blocks of README.md, RESULTS.md and docs/report.md from the extracts in results (or MSL_RESULTS), and draws
those pictures in results/figures that are stale, with a Chromium.

Options:
  --check   change nothing; fail, naming it, if a block, an extract or a picture is not what the records give
  --help

Publish a study with: npx msl study report NAME --profile full --save results`;

const root = fileURLToPath(new URL('..', import.meta.url));
try {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) console.log(HELP);
  else {
    await ensureDependencies({ root });
    const { updateResults } = await import('./results/update.mjs');
    const problems = await updateResults(root, { check: values.check === true });
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  }
} catch (error) {
  const { code } = /** @type {{ code?: string }} */ (error);
  const wrongUse = code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!wrongUse && !(error instanceof WrongUse) && !(error instanceof Error && error.name === 'UserError'))
    throw error;
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = wrongUse ? 2 : 1;
}

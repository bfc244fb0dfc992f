// @ts-check
// `npm run results:rerun`: runs rows of the published results again, and says how far they differ. See HELP.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { WrongUse } from '../setup/errors.mjs';
import { prepare } from '../setup/prepare.mjs';

const HELP = `Usage: npm run results:rerun [-- OPTIONS]

Runs rows of results/*/full/runs.csv again, each by the command that RESULTS.md names, in a fresh folder, and prints how far the
numbers differ. Rows are drawn of those studies whose very images are on this machine; the others are named.

Options:
  --rows <number>   how many, drawn at random (default: 3)
  --draw <number>   the seed of the draw (default: 1)
  --study <name>    rows of this study only
  --arm <name>      rows of this arm only
  --seed <number>   rows of this seed only
  --json            print one JSON document
  --help

Example: npm run results:rerun -- --study svhn --arm msl --seed 3`;

const root = fileURLToPath(new URL('../..', import.meta.url));
try {
  const { values } = parseArgs({
    options: {
      ...{ rows: { type: 'string', default: '3' }, draw: { type: 'string', default: '1' } },
      ...{ study: { type: 'string' }, arm: { type: 'string' }, seed: { type: 'string' } },
      ...{ json: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  if (values.help === true) console.log(HELP);
  else {
    await prepare(root);
    const { register } = await import('tsx/esm/api');
    register();
    process.exitCode = await rerun(values);
  }
} catch (error) {
  const { code, name, message } = /** @type {{ code?: string, name?: string, message: string }} */ (error);
  const wrongUse =
    code?.startsWith('ERR_PARSE_ARGS') === true || (error instanceof WrongUse && error.status === 2);
  if (!wrongUse && !(error instanceof WrongUse) && name !== 'UserError') throw error;
  console.error(message);
  process.exitCode = wrongUse ? 2 : 1;
}

/**
 * The studies whose very images are on this machine, so that a draw from all works where CIFAR-10 alone is; the others are
 * named with what is wrong.
 *
 * @template {import('../../src/report/index.ts').PublishedStudy} T
 * @param {readonly T[]} studies
 */
async function withImages(studies) {
  const { listDatasets, loadDataset } = await import('../../src/data/index.ts');
  const there = (await listDatasets())
    .filter(({ state }) => ['present', 'other', 'imported'].includes(state))
    .map(({ name }) => name);
  const used = new Set(studies.flatMap(({ records }) => records.runs.slice(0, 1).map(datasetOf)));
  /** @type {Map<string, string>} */
  const digests = new Map();
  for (const name of there.filter((one) => used.has(one)))
    digests.set(name, (await loadDataset(name)).digest);
  const problems = studies.map((study) => imagesProblem(study, digests));
  for (const problem of problems) if (problem !== undefined) process.stderr.write(`Left out: ${problem}\n`);
  return studies.filter((_, i) => problems[i] === undefined);
}

/** @param {import('../../src/report/index.ts').RunRecord} run */
function datasetOf({ spec }) {
  return /** @type {import('../../src/experiments/index.ts').Specification} */ (spec).dataset;
}

/**
 * Why rows of a study cannot be run again on this machine: its images are not there, or they are others.
 *
 * @param {import('../../src/report/index.ts').PublishedStudy} study
 * @param {ReadonlyMap<string, string>} digests of the data sets on this machine
 */
function imagesProblem({ name, records, images }, digests) {
  const [run] = records.runs;
  if (run === undefined) return `${name} has no such run.`;
  const dataset = datasetOf(run);
  const digest = digests.get(dataset);
  const take =
    images === undefined
      ? ''
      : ` Take them of the whole set: npx msl data part ${dataset} --list ${images} --to parts, then MSL_DATA=parts in front of this command.`;
  if (digest === undefined) return `the images of ${name}, ${dataset}, are not on this machine.${take}`;
  const { data } = /** @type {{ data?: { train: number, test: number, sha256: string } }} */ (
    run.environment
  );
  if (data === undefined || digest === data.sha256) return undefined;
  return `${name} was run on other images of ${dataset} than those on this machine, ${data.train} + ${data.test}.${take}`;
}

/**
 * @param {{ rows: string, draw: string, study?: string, arm?: string, seed?: string, json?: boolean }} options
 * @returns {Promise<number>} the exit status: 1 where a row's command does not make its specification
 */
async function rerun({ rows, draw, study, arm, seed, json }) {
  const { createStream } = await import('../../src/engine/index.ts');
  const { drawRows, readPublication } = await import('../../src/report/index.ts');
  const chosen = readPublication()
    .published.filter(({ name }) => study === undefined || name === study)
    .map((one) => ({
      ...one,
      records: {
        ...one.records,
        runs: one.records.runs.filter(
          (run) =>
            (arm === undefined || run.arm === arm) &&
            (seed === undefined || run.seed === number('--seed', seed)),
        ),
      },
    }));
  const chosenRows = chosen.filter(({ records }) => records.runs.length > 0);
  const there = await withImages(chosenRows);
  if (there.length === 0 && chosenRows.length > 0) {
    throw new WrongUse('No such row can be run again on the images of this machine, see above.', 1);
  }
  const drawn = drawRows(there, {
    rows: number('--rows', rows),
    stream: createStream(number('--draw', draw), 'rows'),
  });
  if (drawn.length === 0) {
    const wanted = [study, arm, seed && `seed ${seed}`].filter((part) => part !== undefined).join(', ');
    throw new WrongUse(`No row is published${wanted === '' ? '' : ` of ${wanted}`}.`, 1);
  }
  const results = [];
  for (const row of drawn) {
    process.stderr.write(`Running ${row.study.name}, ${row.run.arm}, seed ${row.run.seed} ...\n`);
    const result = await again(row);
    results.push(result);
    if (json !== true) console.log(sentence(result));
  }
  if (json === true) console.log(JSON.stringify(results, null, 2));
  return results.every(({ sameSpecification }) => sameSpecification) ? 0 : 1;
}

/**
 * @param {import('../../src/report/index.ts').PublishedRow} row
 */
async function again({ study: { name, records }, run }) {
  const { chooseRuns, loadStudy, readRun, runStudy, specificationHash, studyRuns } =
    await import('../../src/experiments/index.ts');
  const { runDifference } = await import('../../src/report/index.ts');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'msl-rerun-'));
  const command = `npx msl study run ${name} --profile ${records.profile} --arm ${run.arm} --seed ${run.seed}`;
  try {
    const study = await loadStudy(name);
    const all = studyRuns(study, records.profile, folder);
    const runs = chooseRuns(study, all, { arms: [run.arm], seeds: [run.seed] });
    const published = /** @type {import('../../src/experiments/index.ts').Specification} */ (run.spec);
    const sameSpecification = runs.every(
      ({ specification }) => specificationHash(specification) === specificationHash(published),
    );
    await runStudy({ runs });
    const second = runs.map(readRun).find((one) => one !== undefined);
    if (second === undefined) throw new WrongUse(`${command}: the run left no record.`, 1);
    return {
      ...{ command, sameSpecification },
      error: { published: run.summary.test.error, again: second.summary.test.error, n: run.summary.test.n },
      difference: runDifference(run, second),
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Awaited<ReturnType<typeof again>>} result */
function sentence({ command, sameSpecification, error, difference }) {
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(2)} %`;
  const { identical, firstEpoch, largest, testError } = difference;
  const what = identical
    ? 'the same to the last digit'
    : `test error ${percent(error.again)}, ${Math.round(Math.abs(testError) * error.n)} of ${error.n} images ${testError < 0 ? 'fewer' : 'more'}; ` +
      `the first epoch that differs is ${firstEpoch ?? 'none'}; the largest difference is ${percent(largest.share)}, of ${largest.path}`;
  return (
    `${command}\n  published: test error ${percent(error.published)}; again: ${what}.` +
    (sameSpecification ? '' : '\n  The command makes another specification than that of the row.')
  );
}

/**
 * @param {string} option
 * @param {string} text
 */
function number(option, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new WrongUse(`${option} ${text}: a whole number is needed, e.g. ${option} 3.`, 2);
  return value;
}

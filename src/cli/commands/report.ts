import { existsSync } from 'node:fs';
import path from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { makeFolder, nearest, UsageError, UserError } from '../../engine/index.ts';
import { DOCUMENT_ENDINGS, findRun, loadStudy, readRun, STUDIES } from '../../experiments/index.ts';
import {
  htmlPage,
  readExtract,
  runPage,
  studyPage,
  withPublishedFamily,
  type Page,
} from '../../report/index.ts';
import { writeFileAtomic } from '../../training/index.ts';
import { commandText } from '../commandText.ts';
import { refuseIdle } from '../idleOptions.ts';
import { interruptible } from '../interrupt.ts';
import { terminal } from '../output.ts';
import { RUN_ARGUMENT, runsFolder, shortPath } from '../paths.ts';
import { drawPictures } from '../pictures.ts';
import { showProgress } from '../progressBar.ts';
import { settings } from '../settings.ts';
import { pageSuffix, recordsOf } from './reportRecords.ts';
import { chosenRuns, STUDY_ARGUMENT } from './studyChoice.ts';
import { usualProfile } from './usualProfile.ts';

/** `msl report RUN|STUDY` */
export function reportCommand(): Command {
  return new Command('report')
    .description('a run or study as a page with its pictures, which needs no network')
    .argument(
      '<run or study>',
      `${RUN_ARGUMENT}; or a study, as for msl study report; or what its --save kept`,
    )
    .option('--profile <name>', "a study's size (default: quick, else full)")
    .addOption(settings('of a study, as with msl study run'))
    .option('--out <folder>', 'where report.html goes (default: beside the records)')
    .option(
      '--png',
      'draw every figure as PNG and SVG as well, into figures/ beside the page; needs Chromium',
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ msl report early-saturation
  $ msl report 0123abcd
  $ msl report early-saturation --png --out report

Chromium is looked for in CHROME_PATH, PATH, and where systems put it.`,
    )
    .action(async (name, options) => {
      const { page, folder, suffix = '' } = await pageOf(name, options);
      const file = path.join(path.resolve(options.out ?? folder), `report${suffix}.html`);
      makeFolder(path.dirname(file));
      writeFileAtomic(file, await htmlPage(page));
      const pictures =
        options.png === true
          ? await drawPictures(page.figures, path.join(path.dirname(file), `figures${suffix}`))
          : [];
      if (options.json === true) {
        terminal.print(JSON.stringify({ report: file, pictures }, null, 2));
        return;
      }
      terminal.print(`Page: ${shortPath(file)} (open it in a browser)`);
      if (pictures.length > 0) {
        terminal.print(`Pictures: ${pictures.length} files in ${shortPath(path.dirname(pictures[0]!))}`);
      }
    }) as unknown as Command;
}

/** A page, the folder of its records, and what tells it from others that lie there. */
interface Reported {
  readonly page: Page;
  readonly folder: string;
  readonly suffix?: string;
}

/** The page of what was named. */
async function pageOf(
  name: string,
  options: { readonly profile?: string | undefined; readonly set: readonly string[] },
): Promise<Reported> {
  const ofStudy = { '--set': options.set.length > 0, '--profile': options.profile !== undefined };
  if (existsSync(path.join(name, 'study.json'))) {
    refuseIdle(
      ofStudy,
      `is for a study that is named: ${name} is what --save kept of one, and stays as it is.`,
    );
    return { page: studyPage(withPublishedFamily(readExtract(name))), folder: path.resolve(name) };
  }
  if (!isStudy(name)) {
    const run = runOrAdvice(name);
    refuseIdle(ofStudy, `is for a study: ${shortPath(run)} is a run, and stays as it is.`);
    return await ofRun(run);
  }
  const study = await loadStudy(name);
  const profile = options.profile ?? usualProfile(study);
  const runs = await chosenRuns(study, profile, options);
  const records = recordsOf(study, runs, { named: name, profile, set: options.set });
  return {
    page: studyPage(records),
    folder: path.join(runsFolder(), study.name, profile),
    suffix: pageSuffix(runs, options.set),
  };
}

const STUDY_NAMES = STUDIES.map((study) => study.name);

const isStudy = (name: string): boolean =>
  STUDY_NAMES.includes(name) || DOCUMENT_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending));

/** @throws {UsageError} as {@link findRun}, and what the study would be that may have been meant */
function runOrAdvice(name: string): string {
  try {
    return findRun(name, runsFolder());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const guess = nearest(name, STUDY_NAMES);
    throw new UsageError(
      `${error.message}\nA study is ${STUDY_ARGUMENT}.${guess === undefined ? '' : ` Did you mean '${guess}'?`}`,
    );
  }
}

async function ofRun(folder: string): Promise<Reported> {
  // runs/<study>/<profile>/<arm>/seed-<n>-<hash>
  const arm = path.basename(path.dirname(folder));
  const seed = Number(/^seed-(\d+)-/.exec(path.basename(folder))?.[1] ?? 0);
  const run = readRun({ folder, seed, arm: { name: arm } });
  if (run === undefined) {
    throw new UserError(`The run in ${folder} is not complete yet. Give the command that began it again.`);
  }
  const page = await interruptible(async (signal) => {
    const display = showProgress();
    try {
      const named = { ...run, seed: run.spec.seed };
      const command = commandText(['npx', 'msl', 'report', shortPath(folder)]);
      return await runPage(named, { command, progress: display.progress, signal });
    } finally {
      display.stop();
    }
  });
  return { page, folder };
}

/** `msl-kernel`: makes the kernel known to Jupyter, and checks the types of notebooks. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { Command, CommanderError } from 'commander';

import { checkDocuments } from './check.ts';
import {
  allKernelsFolders,
  install,
  problemOf,
  specsIn,
  START,
  uninstall,
  type InstallOptions,
  type Place,
} from './kernelspec.ts';
import { ToolError } from './toolError.ts';

const WRONG_USAGE = 2;

/**
 * The command line.
 *
 * @param args what stands after `msl-kernel`
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage
 */
export async function main(args: readonly string[]): Promise<number> {
  let status = 0;
  const failed = (): void => {
    status = 1;
  };
  const program = commands(failed);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    if (error instanceof ToolError) {
      console.error(error.message);
      return error.status;
    }
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

/** Where a kernelspec lies: one of three places. */
function withPlace(command: Command): Command {
  return command
    .option('--user', "the user's own Jupyter folder (default)")
    .option('--sys-prefix', 'the active Python environment (venv, conda)')
    .option('--prefix <dir>', 'an environment by its folder');
}

function onePlace(place: Place): Place {
  if ([place.user, place.sysPrefix, place.prefix].filter(Boolean).length > 1) {
    throw new ToolError('Only one of --user, --sys-prefix and --prefix.', WRONG_USAGE);
  }
  return place;
}

function commands(failed: () => void): Command {
  const program = new Command('msl-kernel')
    .description('A Jupyter kernel for TypeScript: cells are checked with the project’s own tsconfig.')
    .addHelpText(
      'after',
      `
Examples:
  $ npx msl-kernel install                         for every notebook of this user
  $ npx msl-kernel install --sys-prefix            for the active Python environment
  $ npx msl-kernel install --name ts22 --display-name "TypeScript (Node 22)" --node /opt/node22/bin/node
  $ npx msl-kernel doctor
  $ npx msl-kernel check notebooks/*.ipynb README.md`,
    )
    .exitOverride();
  const add = (name: string, description: string): Command =>
    program.command(name).description(description).exitOverride();

  withPlace(add('install', 'make the kernel known to Jupyter'))
    .option('--name <name>', "the kernelspec's name", 'typescript')
    .option('--display-name <text>', 'what Jupyter calls it', 'TypeScript')
    .option('--node <path>', 'the Node.js to run it (default: this one)')
    .option('--force', 'replace another kernel of that name')
    .action((options: InstallOptions) => {
      onePlace(options);
      const folder = install(options);
      console.log(`Installed: ${folder}`);
      if (START.includes(`${path.sep}_npx${path.sep}`)) {
        console.error(
          "It starts the copy in npx's cache, which npm may clear. `npm install msl-workbook` in a folder of yours, " +
            'and `npx msl-kernel install` there, lasts.',
        );
      }
    });

  withPlace(add('uninstall', 'remove what install wrote'))
    .option('--name <name>', "the kernelspec's name", 'typescript')
    .action((options: Place & { name: string }) => {
      onePlace(options);
      console.log(`Removed: ${uninstall(options)}`);
    });

  add('doctor', 'where Jupyter finds this kernel, and whether it can start')
    .alias('list')
    .action(() => {
      if (!doctor()) failed();
    });

  add('check', 'check the types of notebooks, and of ts blocks in Markdown, without running them')
    .argument('<file...>')
    .action((files: string[]) => {
      if (!check(files)) failed();
    });
  return program;
}

function doctor(): boolean {
  const rows: [good: boolean, what: string, text: string][] = [];
  rows.push([true, 'node', `${process.version}, ${process.execPath}`]);
  rows.push([fs.existsSync(START), 'kernel', START]);
  const jupyter = spawnSync('jupyter', ['--version'], { encoding: 'utf8' });
  const core = /^jupyter_core\s*:\s*(\S+)/m.exec(`${jupyter.stdout as string | null}`)?.[1];
  rows.push([true, 'jupyter', core === undefined ? 'not found on the PATH' : `jupyter_core ${core}`]);
  const found = allKernelsFolders().flatMap(specsIn);
  for (const { name, folder, spec } of found) {
    const problem = problemOf(folder, spec);
    rows.push([
      problem === undefined,
      `kernelspec ${name}`,
      `${folder}${problem === undefined ? '' : `: ${problem}`}`,
    ]);
  }
  if (found.length === 0) rows.push([true, 'kernelspec', 'none; `npx msl-kernel install` writes one']);
  const width = Math.max(...rows.map(([, what]) => what.length));
  for (const [good, what, text] of rows)
    console.log(`${good ? 'ok    ' : 'FAILED'} ${what.padEnd(width)}  ${text}`);
  return rows.every(([good]) => good);
}

/** Prints the errors of every file; false where there are some. */
function check(files: readonly string[]): boolean {
  const missing = files.find((file) => !fs.existsSync(file));
  if (missing !== undefined) throw new ToolError(`${missing}: there is no such file.`);
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  let errors = 0;
  let cells = 0;
  for (const document of checkDocuments(files)) {
    if (document.cells === undefined) console.log(`${document.file} is in another language.`);
    cells += document.cells ?? 0;
    errors += document.errors.length;
    for (const text of document.errors) console.log(`${colours ? text : stripVTControlCharacters(text)}\n`);
  }
  const [what, where] = [
    `${errors} ${errors === 1 ? 'error' : 'errors'}`,
    `${cells} ${cells === 1 ? 'cell' : 'cells'}`,
  ];
  console.log(`${errors === 0 ? 'No errors' : what} in ${where}.`);
  return errors === 0;
}

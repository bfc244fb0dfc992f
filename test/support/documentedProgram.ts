import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const project = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs the fenced TypeScript of a document, from the top to the bottom, as one program.
 *
 * @param document as seen from the project, e.g. `docs/engine.md`
 * @param env what is different in the environment
 * @returns the lines that it prints, and those that it says it does (`// prints: …`)
 */
export async function runDocument(
  document: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly printed: readonly string[]; readonly promised: readonly string[] }> {
  const text = readFileSync(path.join(project, document), 'utf8');
  const program = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const promised = [...program.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => line!);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'msl-docs-'));
  try {
    symlinkSync(path.join(project, 'node_modules'), path.join(folder, 'node_modules'));
    const file = path.join(folder, 'program.mts');
    writeFileSync(file, program.replaceAll('../src/', path.join(project, 'src/')));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
      cwd: project,
      env: { ...process.env, ...env },
    });
    return { printed: stdout.trimEnd().split('\n'), promised };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

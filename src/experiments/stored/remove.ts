import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** What the workbook writes in the folder of a run. */
const OWN = [
  /^(spec|environment|summary|validation|projection)\.json$/,
  /^(metrics|attempts)\.jsonl$/,
  /^(checkpoint|weights|features|embedding|tensorboard|figures)$/,
  /^report\.html$|^owner\.\d+$|\.partial$/,
];

/**
 * Removes a run: its records and what belongs to them. The folder goes, too, where nothing else lies in it: with `--out` a run may
 * have been made among other files.
 *
 * @returns whether the folder is gone
 */
export function removeRun(folder: string): boolean {
  const own = readdirSync(folder).filter((name) => OWN.some((form) => form.test(name)));
  // Whoever is stopped here leaves a run, which can be removed again.
  for (const name of own.filter((one) => one !== 'spec.json')) {
    rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  rmSync(path.join(folder, 'spec.json'), { force: true });
  if (readdirSync(folder).length > 0) return false;
  rmdirSync(folder);
  return true;
}

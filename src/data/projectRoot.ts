import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'msl-workbook';

/** The folder of this package: the nearest one upwards of this file whose package.json carries the package's name. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string };
      if (name === PACKAGE) return folder;
    }
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`No package.json of ${PACKAGE} above ${fileURLToPath(import.meta.url)}.`);
    folder = parent;
  }
}

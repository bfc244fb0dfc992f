import { join } from 'node:path';

import { z } from 'zod';

import { checkHeader, count, flatFields, HEADER, readHeaderFile, sha256 } from '../flat/index.ts';
import { FORMAT_NAMES } from '../formats/index.ts';

const header = z.strictObject({
  ...flatFields,
  kind: z.literal('decoded-files'),
  decoded: z.strictObject({
    format: z.enum(FORMAT_NAMES),
    /** The files that were decoded, as they were. */
    files: z.array(z.strictObject({ name: z.string(), bytes: count, mtimeMs: z.number(), sha256 })),
  }),
});

/** What `dataset.json` of a decoded set says. */
export type DecodedHeader = z.infer<typeof header>;

/**
 * The header of a decoded set; `undefined` where there is none.
 *
 * @throws {UserError} where it cannot be read, or is none
 */
export async function readDecodedHeader(folder: string): Promise<DecodedHeader | undefined> {
  const value = await readHeaderFile(folder);
  if (value === undefined) return undefined;
  return checkHeader(header, value, { what: 'a decoded set', file: join(folder, HEADER) });
}

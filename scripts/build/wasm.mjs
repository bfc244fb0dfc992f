// @ts-check
// `node scripts/build/wasm.mjs`: assembles the WebAssembly text of `src` to the TypeScript modules that carry it. With `--check`
// nothing is written, and the exit status says whether they are up to date.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

import wabt from 'wabt';

const text = 'src/measures/dot/tiles.wat';
const target = 'src/measures/dot/tilesModule.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const assembler = await wabt();
const { buffer } = assembler
  .parseWat(text, fs.readFileSync(root + text, 'utf8'), { simd: true })
  .toBinary({});
const base64 = Buffer.from(buffer).toString('base64');
const lines = base64.match(/.{1,100}/g) ?? [];
const source = [
  `/** \`tiles.wat\`, assembled by \`node scripts/build/wasm.mjs\`, as base64. */`,
  'export const TILES =',
  ...lines.map((line, i) => `  '${line}'${i + 1 < lines.length ? ' +' : ';'}`),
  '',
].join('\n');

if (!process.argv.includes('--check')) fs.writeFileSync(root + target, source);
else if (fs.readFileSync(root + target, 'utf8') !== source) {
  console.error(`${target} is not ${text} assembled. Run: node scripts/build/wasm.mjs`);
  process.exitCode = 1;
}

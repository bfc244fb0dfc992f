/** `inDark.js` of the lab extension, as a page runs it. */
import fs from 'node:fs';
import { runInNewContext } from 'node:vm';

import type { Figure } from '../../src/report/index.ts';

const file = new URL('../../jupyter/labextensions/msl-plotly/static/inDark.js', import.meta.url);
const window: { mslInDark?: (figure: Figure) => Figure } = {};
runInNewContext(fs.readFileSync(file, 'utf8'), { window, ArrayBuffer });

/** The same figure for a dark page. */
export const inDark = window.mslInDark!;

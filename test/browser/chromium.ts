import { findChromium } from '../../scripts/lab/chromium.mjs';

/** The browser of these tests. */
export const executable = findChromium();
/** Why a test that needs it is passed over. */
export const withoutChromium =
  executable === undefined ? 'there is no Chromium (MSL_CHROMIUM names one)' : false;

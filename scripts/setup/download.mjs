// @ts-check
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { NotAvailable, diskFull } from './errors.mjs';
import { run, tail } from './process.mjs';
import { verifyWheel } from './verify.mjs';

const PIP = fileURLToPath(new URL('./python/guarded_pip.py', import.meta.url));
/** How often the growing file is looked at, milliseconds. */
const LOOK_EVERY = 200;

/**
 * Fetches one wheel through pip, whatever Python runs it, and checks it. pip knows the user's index, proxy and
 * certificates. Everything lands under `folder`; a finished and checked file is returned by its path.
 *
 * @param {object} options
 * @param {import('./wheels.mjs').Wheel} options.wheel
 * @param {string} options.python
 * @param {string} options.folder a folder for this alone
 * @param {NodeJS.ProcessEnv} options.env
 * @param {(bytes: number) => void} options.onBytes how many bytes have arrived
 * @returns {Promise<string>}
 * @throws {NotAvailable} where it cannot be had or is not the pinned file
 */
export async function downloadWheel({ wheel, python, folder, env, onBytes }) {
  const arriving = path.join(folder, 'arriving');
  const arrived = path.join(folder, 'arrived');
  fs.mkdirSync(arriving, { recursive: true });
  const look = setInterval(() => onBytes(bytesUnder(arriving)), LOOK_EVERY);
  const { status, stdout, stderr, error } = await run(
    python,
    [
      ...[PIP, 'download', '--dest', arrived],
      ...['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'],
      ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none'],
      ...['--platform', wheel.tag, '--progress-bar', 'off', '--timeout', '20', '--retries', '2'],
      wheel.requirement,
    ],
    {
      // pip writes to a temporary folder first: here it is counted, and removed with everything else.
      env: { ...env, TMPDIR: arriving, PIP_REQUIRE_VIRTUALENV: '0', PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  clearInterval(look);
  if (status !== 0) {
    const words = `${stdout}\n${stderr}\n${error?.message ?? ''}`;
    if (/No space left on device|Errno 28/.test(words)) throw diskFull();
    const reason = words.match(/^ERROR: .*$/gm)?.at(-1) ?? tail(words, 1);
    throw new NotAvailable(
      `pip could not download ${wheel.requirement} (${reason.replace(/^ERROR: /, '')}); check the network and ` +
        'HTTPS_PROXY, or name a wheel that you have in MSL_WHEEL',
    );
  }
  const file = path.join(arrived, wheel.file);
  if (!fs.existsSync(file)) {
    const found = fs.readdirSync(arrived).join(', ');
    throw new NotAvailable(`pip downloaded ${found} for ${wheel.requirement}; expected ${wheel.file}`);
  }
  await verifyWheel(file, wheel);
  return file;
}

/**
 * @param {string} folder
 * @returns {number} bytes of all files under it
 */
function bytesUnder(folder) {
  let bytes = 0;
  try {
    for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) bytes += fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size;
    }
  } catch {
    // A file that was renamed between the two looks is counted next time.
  }
  return bytes;
}

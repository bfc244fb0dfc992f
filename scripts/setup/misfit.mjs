// @ts-check

/** The oldest C library that the wheels run on, as their `manylinux` tag says. */
const GLIBC = [2, 27];

/**
 * Why the wheels' libraries cannot run on this machine, where that can be told beforehand.
 *
 * @returns {string | undefined}
 */
export function misfit() {
  if (process.platform !== 'linux') return undefined;
  const header = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
    .header;
  const version = header.glibcVersionRuntime;
  if (version === undefined) return 'its library needs glibc, and this Linux has another C library';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = GLIBC;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `its library needs glibc ${GLIBC.join('.')} or newer, and this Linux has ${version}`;
}

import { hashFile, integrityChecksum } from '../checksum.ts';
import { download, DownloadError, plainUrl } from '../download.ts';
import { locateTarball, NpmError, packTarball, type PackageVersion } from '../npmPackage.ts';
import type { Job } from './types.ts';

/** The package's tarball: resumable by ourselves, and where the registry lets only npm in, by npm. */
export async function downloadTarball(
  { name, options }: Job,
  source: PackageVersion & { readonly size: number; readonly integrity: string },
  file: string,
): Promise<void> {
  const checksum = integrityChecksum(source.integrity);
  const url = await locateTarball(source, options.signal);
  const label = `${name} · download`;
  const { progress, signal } = options;
  try {
    await download({ ...options.patience, url, file, size: source.size, checksum, label, progress, signal });
  } catch (refused) {
    if (!(refused instanceof DownloadError)) throw refused;
    progress?.({ label, done: 0, unit: 'bytes', note: 'by npm' });
    await packTarball(source, file, signal);
    const found = await hashFile(file, checksum, { signal });
    if (found !== checksum.value) {
      throw new NpmError(
        `${plainUrl(url)} has other content than published: expected ${source.integrity}; found sha512-${found}`,
      );
    }
  }
}

import type { Progress } from '../../engine/progress.ts';
import type { DownloadOptions } from '../download.ts';
import type { DatasetEntry, Manifest } from '../manifest.ts';

export interface FetchOptions {
  /** The data folder; default {@link dataFolder}. The set's files go to `<dir>/<name>`. */
  readonly dir?: string | undefined;
  readonly progress?: Progress | undefined;
  /** Stops the fetch; what has been downloaded is kept for the next one. */
  readonly signal?: AbortSignal | undefined;
  /** Which kinds of source may be used, default all; they are tried in the manifest's order. */
  readonly sources?: readonly SourceKind[] | undefined;
  /** Default: the project's. */
  readonly manifest?: Manifest | undefined;
  /** How patient a download is. */
  readonly patience?:
    Pick<DownloadOptions, 'connectTimeout' | 'stallTimeout' | 'attempts' | 'backoff'> | undefined;
}

export type Source = DatasetEntry['sources'][number];

export type SourceKind = Source['kind'];

export interface Job {
  readonly name: string;
  readonly entry: DatasetEntry;
  /** Names of the files that are not there yet; a source may bring others, too. */
  readonly missing: ReadonlySet<string>;
  /** Folder for unfinished files. */
  readonly work: string;
  readonly options: FetchOptions;
}

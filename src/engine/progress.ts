/** One report of a piece of work that takes its time. */
export interface ProgressReport {
  /** What is being done, e.g. `cifar10 · download`. */
  readonly label: string;
  /** How much is done, in `unit`. */
  readonly done: number;
  /** How much there is to do; absent where it is not known. */
  readonly total?: number;
  /** `bytes` for transfers; `steps` (the default) for anything counted; `share` where only the share that is done says something. */
  readonly unit?: 'bytes' | 'steps' | 'share';
  /** A few words on the state, e.g. `loss 1.23`. */
  readonly note?: string;
}

/** Receives reports. The library never prints: the command line and the notebooks draw what they receive. */
export type Progress = (report: ProgressReport) => void;

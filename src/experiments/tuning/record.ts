/** What a search found for the arms of a study. */
export interface TunedValues {
  /** Where it is recorded, from the project's folder. */
  readonly file: string;
  /** Of the record. */
  readonly sha256: string;
  /** The best values of each arm, by their paths. */
  readonly arms: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

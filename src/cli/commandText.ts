/** Commands that are shown, so that they can be typed. */

/** A command's words as one text: in quotes what a shell would divide or change. */
export function commandText(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

/** What makes the runs of a study. */
export interface StudyCommand {
  /** As it was called: a name, or a file. */
  readonly named: string;
  readonly profile: string;
  readonly set: readonly string[];
}

export function studyRunCommand({ named, profile, set }: StudyCommand): string {
  const settings = set.flatMap((setting) => ['--set', setting]);
  return commandText(['npx', 'msl', 'study', 'run', named, '--profile', profile, ...settings]);
}

import papa from 'papaparse';

/**
 * The rows of a CSV that are not empty, by their numbers, counted from 1 as a table program shows them: the first is the header's.
 * Papa Parse leaves empty rows out without saying where they were.
 *
 * @param delimiter as Papa Parse found it
 */
export function rowNumbers(text: string, delimiter: string): number[] {
  const { data } = papa.parse<readonly string[]>(text, { delimiter });
  return data.flatMap((row, i) => (row.length === 1 && row[0] === '' ? [] : [i + 1]));
}

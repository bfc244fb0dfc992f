import fs from 'node:fs';

const PROFILE = /^const profile: (.+) = 'quick';/m;

interface Cell {
  readonly cell_type: string;
  readonly source: string;
  readonly outputs?: readonly { readonly data?: Readonly<Record<string, unknown>> }[];
}

/** A notebook, and where it showed what. */
export interface CommittedNotebook {
  readonly content: { readonly cells: readonly Cell[] };
  /** The cells that had an output of this media type when it was committed. */
  readonly showed: (mime: string) => number[];
}

/**
 * A notebook of the project, to be opened in JupyterLab.
 *
 * @param profile by which its cells are to run, without their outputs; default: as it is committed
 */
export function committed(file: string, profile?: string): CommittedNotebook {
  const notebook = JSON.parse(fs.readFileSync(file, 'utf8')) as CommittedNotebook['content'];
  const showed = (mime: string): number[] =>
    notebook.cells.flatMap(({ outputs = [] }, i) =>
      outputs.some(({ data = {} }) => mime in data) ? [i] : [],
    );
  const cells = notebook.cells.map((cell) => {
    const source = [cell.source].flat().join('');
    if (profile === undefined || cell.cell_type !== 'code') return { ...cell, source };
    const changed = source.replace(PROFILE, `const profile: $1 = '${profile}';`);
    return { ...cell, source: changed, outputs: [], execution_count: null };
  });
  return { content: { ...notebook, cells }, showed };
}

/** What can be written after `%`, with the line that `%lsmagic` shows for it. */
export const LINE_MAGICS = {
  cd: '%cd DIR: change the working directory (`%cd -`: back, `%cd`: home)',
  env: '%env [NAME | NAME=VALUE]: show or set environment variables',
  lsmagic: '%lsmagic: this list',
  pwd: '%pwd: the working directory',
  reset: '%reset [-f]: forget every name of the notebook (-f: without asking)',
  run: '%run FILE [ARGUMENTS]: run a file anew; what it exports becomes names of the notebook',
  time: '%time STATEMENT: run a statement and show how long it took',
  timeit: '%timeit [-n LOOPS] [-r REPEATS] STATEMENT: run it many times; mean and deviation',
  who: '%who: the names of the notebook',
  whos: '%whos: the same with type and value',
} as const;

/** What can be written after `%%` on the first line of a cell. */
export const CELL_MAGICS = {
  bash: '%%bash: the cell is a script of bash; it fails where the script does',
  html: '%%html: the cell is HTML, shown below it',
  latex: '%%latex: the cell is LaTeX',
  markdown: '%%markdown: the cell is Markdown',
  sh: '%%sh: as %%bash, with sh',
  svg: '%%svg: the cell is an SVG picture',
  time: '%%time: run the cell and show how long it took',
  writefile: '%%writefile [-a] FILE: write the cell to a file (-a: append)',
} as const;

export type CellMagic = keyof typeof CELL_MAGICS;

/** Media types of the cell magics that show their text. */
export const SHOWN_AS: Readonly<Partial<Record<CellMagic, string>>> = {
  html: 'text/html',
  latex: 'text/latex',
  markdown: 'text/markdown',
  svg: 'image/svg+xml',
};

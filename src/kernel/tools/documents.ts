/** The cells of a notebook, and the TypeScript of a Markdown file, as texts with a place. */
import fs from 'node:fs';
import path from 'node:path';

export interface DocumentCell {
  /** What a message calls it: `notebooks/01.ipynb, cell 3`. */
  readonly name: string;
  readonly code: string;
  /** Its errors are wanted (tag `raises-exception`). */
  readonly mayFail: boolean;
}

interface NotebookFile {
  readonly cells?: readonly {
    readonly cell_type: string;
    readonly source: string | readonly string[];
    readonly metadata?: { readonly tags?: readonly string[] };
  }[];
  readonly metadata?: {
    readonly kernelspec?: { readonly language?: string; readonly name?: string };
    readonly language_info?: { readonly name?: string };
  };
}

/** The cells of a file, undefined where it is a notebook in another language. */
export function cellsOf(file: string, name: string): DocumentCell[] | undefined {
  const text = fs.readFileSync(file, 'utf8');
  return path.extname(file) === '.md' ? cellsOfMarkdown(text, name) : cellsOfNotebook(text, name);
}

function cellsOfNotebook(text: string, name: string): DocumentCell[] | undefined {
  const notebook = JSON.parse(text) as NotebookFile;
  const { kernelspec, language_info: language } = notebook.metadata ?? {};
  if ((kernelspec?.language ?? language?.name ?? 'typescript').toLowerCase() !== 'typescript')
    return undefined;
  return (notebook.cells ?? [])
    .filter(({ cell_type: type }) => type === 'code')
    .map(({ source, metadata }) => ({
      code: typeof source === 'string' ? source : source.join(''),
      mayFail: metadata?.tags?.includes('raises-exception') ?? false,
    }))
    .filter(({ code }) => code.trim() !== '') // numbered as when all are run: In[n]
    .map((cell, i) => ({ ...cell, name: `${name}, cell ${i + 1}` }));
}

/** Fenced blocks of `ts`; one with more than that (`ts ignore`) is passed over. Lines before keep lines' numbers. */
function cellsOfMarkdown(text: string, name: string): DocumentCell[] {
  const lines = text.split('\n');
  const cells: DocumentCell[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, fence, info = ''] = /^(`{3,}|~{3,})\s*(.*?)\s*$/.exec(lines[i]!) ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, at) => at > i && line.trim() === fence);
    if (end < 0) break;
    if (/^(?:ts|typescript)$/.test(info)) {
      const code = '\n'.repeat(i + 1) + lines.slice(i + 1, end).join('\n');
      cells.push({ name, code, mayFail: false });
    }
    i = end;
  }
  return cells;
}

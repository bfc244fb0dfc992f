/** The cells of a notebook, and the TypeScript of a Markdown file, as texts with a place. */
import fs from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { ToolError } from './toolError.ts';

export interface DocumentCell {
  /** What a message calls it: `notebooks/01.ipynb, cell 3`. */
  readonly name: string;
  readonly code: string;
  /** Its errors are wanted (tag `raises-exception`). */
  readonly mayFail: boolean;
}

/** What is read of a notebook's file. */
const NOTEBOOK = z.object({
  cells: z.array(
    z.object({
      cell_type: z.string(),
      source: z.union([z.string(), z.array(z.string())]),
      metadata: z.object({ tags: z.array(z.string()).optional() }).optional(),
    }),
  ),
  metadata: z
    .object({
      kernelspec: z.object({ language: z.string().optional() }).optional(),
      language_info: z.object({ name: z.string().optional() }).optional(),
    })
    .optional(),
});

/**
 * The cells of a file, undefined where it is a notebook in another language. Throws a {@link ToolError} where it cannot be
 * read, or is no notebook.
 */
export function cellsOf(file: string, name: string): DocumentCell[] | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new ToolError(`${name} cannot be read: ${(error as Error).message}.`);
  }
  return path.extname(file) === '.md' ? cellsOfMarkdown(text, name) : cellsOfNotebook(text, name);
}

function cellsOfNotebook(text: string, name: string): DocumentCell[] | undefined {
  const notebook = readNotebook(text, name);
  const { kernelspec, language_info: language } = notebook.metadata ?? {};
  if ((kernelspec?.language ?? language?.name ?? 'typescript').toLowerCase() !== 'typescript')
    return undefined;
  return notebook.cells
    .filter(({ cell_type: type }) => type === 'code')
    .map(({ source, metadata }) => ({
      code: typeof source === 'string' ? source : source.join(''),
      mayFail: metadata?.tags?.includes('raises-exception') ?? false,
    }))
    .filter(({ code }) => code.trim() !== '') // numbered as when all are run: In[n]
    .map((cell, i) => ({ ...cell, name: `${name}, cell ${i + 1}` }));
}

function readNotebook(text: string, name: string): z.infer<typeof NOTEBOOK> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new ToolError(`${name} is no notebook: it is no JSON (${(error as Error).message}).`);
  }
  const { data, error } = NOTEBOOK.safeParse(read);
  if (data) return data;
  const [issue] = error.issues;
  const place = issue?.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  throw new ToolError(`${name} is no notebook: ${place?.replace(/^\./, '') ?? ''}: ${issue?.message ?? ''}.`);
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

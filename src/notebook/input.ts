import { notebookKernel } from './kernel.ts';

/**
 * Asks the reader of a notebook, like Python's `input()`; `password` hides the answer.
 *
 * @throws where nobody can answer: in scripts, and in notebooks that are executed without a reader
 */
export async function input(prompt = '', { password = false } = {}): Promise<string> {
  const kernel = notebookKernel();
  if (!kernel) throw new Error(`input('${prompt}') needs a notebook: nobody can be asked here`);
  return kernel.input(prompt, password);
}

import { notebookKernel } from './kernel.ts';

/**
 * Asks the reader of a notebook, like Python's `input()`; `password` hides the answer. The cell waits, and all else
 * goes on: timers, and a training that another cell started.
 *
 * Notebooks also have what browsers and Deno have as global functions: `prompt(text, default)`, `confirm(text)` and
 * `alert(text)`. They block: nothing else runs until the reader has answered.
 *
 * @throws where nobody can answer: in scripts, and in notebooks that are executed without a reader
 */
export async function input(prompt = '', { password = false } = {}): Promise<string> {
  const kernel = notebookKernel();
  if (!kernel) throw new Error(`input('${prompt}') needs a notebook: nobody can be asked here`);
  return kernel.input(prompt, password);
}

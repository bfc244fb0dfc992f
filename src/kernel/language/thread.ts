/** The language thread. Started by start.cjs, or with a port by whoever talks to it. */
import type { MessagePort } from 'node:worker_threads';

import { serve } from '../threads/rpc.ts';
import { createLanguage, type LanguageMethods } from './language.ts';
import { findProject } from './project.ts';

export { createLanguage, findProject, type LanguageMethods };

/** Serves the language of the project around a notebook's folder; ready when an empty cell has been converted. */
export function startLanguage(port: MessagePort, folder: string): LanguageMethods {
  const language = createLanguage(findProject(folder));
  language.convert(''); // what the first cell would otherwise wait for
  serve(port, language);
  return language;
}

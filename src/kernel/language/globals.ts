import type { Project } from './project.ts';

/** A file of the compiler's only: what the kernel adds to the global names of Node.js. */
export const globalsFile = (project: Pick<Project, 'notebooks'>): string =>
  `${project.notebooks}/__kernel__.d.ts`;

/** As in browsers and in Deno; see execution/questions.ts. */
export const GLOBALS = `
/** Asks the reader and waits for the answer; \`fallback\` where that is empty. */
declare function prompt(message?: string, fallback?: string): string;
/** Asks the reader for yes or no. */
declare function confirm(message?: string): boolean;
/** Shows a message until the reader has confirmed it. */
declare function alert(message?: string): void;
`;

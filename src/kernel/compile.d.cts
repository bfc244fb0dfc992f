import type { SourceFile, TransformerFactory } from 'typescript';

/**
 * The CommonJS of a TypeScript file, with its source map inline. Transformers work on the source before, and on what has
 * become of it after, under a name that changes when they do.
 */
export function compile(
  file: string,
  extra?: {
    readonly name: string;
    readonly before?: readonly TransformerFactory<SourceFile>[];
    readonly after?: readonly TransformerFactory<SourceFile>[];
  },
): string;

/** Where compiled files are kept; null where there is no place. */
export const cacheFolder: string | null;

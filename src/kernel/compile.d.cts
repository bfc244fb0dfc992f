/** The CommonJS of a TypeScript file, with its source map inline. */
export function compile(file: string): string;

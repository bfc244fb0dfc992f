export * from './files.ts';
export * from './paths.ts';
export * from './registry.ts';
export * from './types.ts';

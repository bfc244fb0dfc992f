export * from './files.ts';
export * from './registry.ts';

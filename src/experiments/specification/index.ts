export * from './hash.ts';
export * from './jsonSchema.ts';
export * from './parse.ts';
export * from './read.ts';
export * from './schema.ts';
export * from './settings.ts';
export * from './valueAt.ts';

export * from './errors.ts';
export * from './graph/graphFunction.ts';
export * from './graph/nested.ts';
export * from './load.ts';
export * from './nearest.ts';
export * from './operations.ts';
export * from './progress.ts';
export * from './random.ts';

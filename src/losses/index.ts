export * from './crossEntropy.ts';
export * from './distances.ts';
export * from './mixtureSeparability.ts';
export * from './objective.ts';
export * from './pairs.ts';
export * from './types.ts';

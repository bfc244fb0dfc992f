export * from './evaluateRun.ts';
export * from './predict.ts';

export * from './trials.ts';
export * from './tune.ts';

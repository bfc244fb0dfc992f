export * from './record.ts';
export * from './trials.ts';
export * from './tune.ts';

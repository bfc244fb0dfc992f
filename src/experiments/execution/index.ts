export * from './execute.ts';
export * from './perform.ts';
export * from './task.ts';

export * from './perform.ts';
export * from './task.ts';

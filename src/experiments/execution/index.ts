export * from './execute.ts';

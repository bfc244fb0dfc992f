export * from './definition.ts';
export * from './records.ts';
export * from './runs.ts';
export * from './runStudy.ts';
export * from './searchRecord.ts';
export type * from './schema.ts';
export * from './types.ts';

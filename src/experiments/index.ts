export * from './build.ts';
export * from './environment.ts';
export * from './records.ts';
export * from './run.ts';
export * from './runFolder.ts';
export * from './specification.ts';
export * from './studies/index.ts';
export * from './study.ts';

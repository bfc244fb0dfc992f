export * from './embedding/index.ts';
export * from './features.ts';
export * from './measureRun.ts';

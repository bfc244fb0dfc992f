export * from './backend.ts';
export * from './batchNorm.ts';

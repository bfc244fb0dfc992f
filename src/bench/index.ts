export * from './networks.ts';
export * from './parity.ts';
export * from './run.ts';
export * from './section.ts';
export * from './table.ts';
export * from './targets.ts';
export * from './variants.ts';
export * from './workload.ts';

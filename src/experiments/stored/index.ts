export * from './clean.ts';
export * from './compare.ts';
export * from './find.ts';
export * from './keep.ts';
export * from './list.ts';
export * from './remove.ts';

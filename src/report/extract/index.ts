export { isKept, withKept } from './merge.ts';
export { readExtract, staleFiles } from './read.ts';
export { extractFiles } from './write.ts';

export { isKept, withKept, type Merged } from './merge.ts';
export { readExtract, staleFiles } from './read.ts';
export { extractFiles } from './write.ts';

export { readExtract, staleFiles } from './read.ts';
export { extractFiles } from './write.ts';

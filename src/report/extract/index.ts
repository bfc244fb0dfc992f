export { checkExtract, readExtract } from './read.ts';
export { extractFiles } from './write.ts';

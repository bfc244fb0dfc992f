export type { RunOptions } from './undertake.ts';
export { runExperiment } from './runExperiment.ts';

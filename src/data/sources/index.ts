export { stageSource, originOf } from './stageSource.ts';

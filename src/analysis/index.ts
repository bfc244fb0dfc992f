export { SPLITS, type ChosenImages, type SplitName } from './chosenImages.ts';
export * from './embedding/index.ts';
export * from './features.ts';
export * from './measureNames.ts';
export * from './measureRun.ts';
export { type NotDefined } from './notDefined.ts';
export * from './predictions.ts';
export * from './predictionsFile.ts';
export * from './rows.ts';

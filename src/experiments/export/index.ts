export { evaluateImages } from './check.ts';
export type { ExportedEnd, ExportRecord } from './describe.ts';
export { exportFormat, type ExportFormat } from './formats.ts';
export { keptEpochs, readTrainedRun, requireOwnImages, type ReadRunOptions, type TrainedRun } from './run.ts';
export { exportRun, type ExportOptions, type ExportResult } from './exportRun.ts';
export { loadExport, type ExportedModel } from './loadExport.ts';

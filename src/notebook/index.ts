/** What a notebook imports. */
export { imageGrid, type ImageGridOptions, type Pictures, showImages } from './images.ts';
export { input } from './input.ts';
export {
  notebookKernel,
  type BarReport,
  type Comm,
  type CommMessage,
  type Displayable,
  type MimeBundle,
  type NotebookComms,
  type NotebookKernel,
  type ShowOptions,
} from './kernel.ts';
export { keptNetworks, type KeptNetwork, type KeptNetworksOptions } from './keptNetworks.ts';
export { linesFigure, type LinesOptions, type LinesPanel } from './lines.ts';
export { liveChart, type FollowOptions } from './liveChart.ts';
export { progress, progressBar, type ProgressOptions } from './progress.ts';
export * as rich from './rich.ts';
export { datasetIfThere, shownStudies, type ShownStudies, type ShownStudy } from './shownStudies.ts';
export { plot, show, table, type Figure, type Frame } from './show.ts';
export { studyResults, type StudyResults, type StudyResultsOptions } from './studyResults.ts';
export { numberTable, showTable, type NumberTableOptions } from './tables.ts';
export * from './plane/index.ts';
export * from './widgets/index.ts';

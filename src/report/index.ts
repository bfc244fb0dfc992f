export { comparisons, saturations, SATURATED_BELOW, type Comparison, type Saturation } from './compare.ts';
export {
  frameHtml,
  loadDanfo,
  readableCells,
  tableHtml,
  tableText,
  toFrame,
  type FrameLike,
} from './danfo.ts';
export { escapeHtml } from './escape.ts';
export { costSentences } from './costs.ts';
export { describe, type Description } from './describe.ts';
export { embeddingCsv, embeddingPage, METHOD_TITLES, runEmbeddingsFigure } from './embeddingPage.ts';
export { epochsAnimation, epochsCsv, epochsPage, epochsScatter } from './epochsPage.ts';
export * from './figures/index.ts';
export { extractFiles, isKept, readExtract, staleFiles, withKept } from './extract/index.ts';
export { findings, RECONSTRUCTION, type Findings } from './findings.ts';
export {
  markdownReport,
  parseCsv,
  REPORT_FORMATS,
  reportFiles,
  reportJson,
  tableCsv,
  tableLatex,
  tableMarkdown,
  type ReportFile,
  type ReportFormat,
} from './formats/index.ts';
export {
  columnValues,
  epochsFrame,
  frameCsv,
  groupRows,
  runsFrame,
  withoutGaps,
  type Group,
} from './frames.ts';
export { htmlReport, studyPage, type PageSection } from './html.ts';
export { runPage } from './run.ts';
export { wrapped } from './format.ts';
export { lossesTable, lossOptionsTable } from './losses.ts';
export { networkDrawing, networksTable, networkTable, shapeText } from './network.ts';
export { figurePlace, htmlPage, type Page } from './page.ts';
export { confusionOf, predictionsFigure, surestMistakes } from './predictions.ts';
export * from './published/index.ts';
export { studyRecords } from './records.ts';
export { atOneRate, atOneRateText, type AtOneRate } from './oneRate.ts';
export { pairingText } from './pairing.ts';
export { told } from './told.ts';
export { confusionsOf, sharedMistakes } from './sharedPredictions.ts';
export { saturationFindings, settingsFindings, type SaturationFindings } from './saturationFindings.ts';
export { methodsScatter } from './methodsScatter.ts';
export { searchFindings } from './searchFindings.ts';
export { separabilityFindings, type SeparabilityOf } from './separabilityFindings.ts';
export { lightSheet, spriteSheet, type SpriteImages, type SpriteSheet } from './sprites.ts';
export { PRIMARY_STUDIES } from './primary.ts';
export {
  againstArm,
  armTitles,
  withArms,
  type Arm,
  type RunRecord,
  type Setting,
  type StudyRecords,
} from './study.ts';
export * from './tables/index.ts';
export { textReport } from './text.ts';
export { verdict, type Verdict } from './verdict.ts';

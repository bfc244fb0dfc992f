/** The folders in the order in which they build on each other. */
export { wrapped } from './format.ts';
export { escapeHtml } from './escape.ts';
export { parseCsv } from './csv.ts';
export { studyRecords } from './study/records.ts';
export {
  againstArm,
  armTitles,
  withArms,
  type Arm,
  type RunRecord,
  type Setting,
  type StudyRecords,
} from './study/study.ts';
export { comparisons, type Comparison } from './comparisons/compare.ts';
export * from './figures/index.ts';
export { confusionOf, predictionsFigure, surestMistakes } from './figures/predictions.ts';
export { confusionsOf, sharedMistakes } from './figures/sharedPredictions.ts';
export { lightSheet, spriteSheet, type SpriteImages, type SpriteSheet } from './figures/sprites.ts';
export { costSentences } from './sentences/costs.ts';
export { findings, RECONSTRUCTION, type Findings } from './sentences/findings.ts';
export { atOneRateText } from './sentences/oneRate.ts';
export { pairingText } from './sentences/pairing.ts';
export {
  saturationFindings,
  settingsFindings,
  type SaturationFindings,
} from './sentences/saturationFindings.ts';
export { searchFindings } from './sentences/searchFindings.ts';
export { separabilityFindings, type SeparabilityOf } from './sentences/separabilityFindings.ts';
export { told } from './sentences/told.ts';
export { verdict, type Verdict } from './sentences/verdict.ts';
export { readableCells } from './tables/cells.ts';
export { loadDanfo, tableText, toFrame } from './tables/danfo.ts';
export { frameHtml, tableHtml, type FrameLike } from './tables/html.ts';
export {
  columnValues,
  epochsFrame,
  frameCsv,
  groupRows,
  runsFrame,
  withoutGaps,
  type Group,
} from './tables/frames.ts';
export * from './tables/index.ts';
export { lossesTable, lossOptionsTable } from './tables/losses.ts';
export { describe, type Description } from './networks/describe.ts';
export { networkDrawing, networksTable, networkTable } from './networks/network.ts';
export { htmlPage, type Page } from './pages/page.ts';
export { runPage } from './pages/runPage.ts';
export { htmlReport, studyPage, type PageSection } from './pages/studyPage.ts';
export {
  markdownReport,
  measuresCsv,
  REPORT_FORMATS,
  reportFiles,
  reportJson,
  tableCsv,
  tableLatex,
  tableMarkdown,
  type ReportFile,
  type ReportFormat,
} from './formats/index.ts';
export { textReport } from './formats/text.ts';
export {
  embeddingCsv,
  embeddingPage,
  METHOD_TITLES,
  runEmbeddingsFigure,
} from './embeddings/embeddingPage.ts';
export { epochsAnimation, epochsCsv, epochsPage, epochsScatter } from './embeddings/epochsPage.ts';
export { methodsScatter } from './embeddings/methodsScatter.ts';
export { extractFiles, isKept, readExtract, staleFiles, withKept } from './extract/index.ts';
export * from './published/index.ts';

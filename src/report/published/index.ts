export { ablationTable } from './ablations.ts';
export { fillBlocks, resultBlocks, searchOf, stateSentence, type Blocks } from './blocks.ts';
export {
  claims,
  claimsTable,
  claimText,
  verdictOf,
  verdictSentence,
  type Claim,
  type ClaimVerdict,
} from './claims.ts';
export { type Evidence } from './evidence.ts';
export { familyTable, primaryFamily, type FamilyMember } from './family.ts';
export { withFamily } from './withFamily.ts';
export {
  allPublishedFigures,
  differencesByStudy,
  publishedFigures,
  type PublishedFigure,
} from './figures.ts';
export { choicesTable } from './choices.ts';
export { answers } from './answers.ts';
export { precisionTable } from './precision.ts';
export { estimateTable, publishedSizes } from './fullScale.ts';
export {
  extractOf,
  readPublication,
  recordsOf,
  withPublishedFamily,
  type Publication,
  type PublishedStudy,
} from './publication.ts';
export { drawRows, runDifference, type PublishedRow, type RunDifference } from './rerun.ts';
export { repeated } from './repeats.ts';
export { dataSentence, studySection } from './study.ts';
export { divergedTable, publishedCostTable } from './tables.ts';

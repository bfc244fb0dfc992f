export { tableCsv } from './csv.ts';
export { reportJson } from './json.ts';
export { tableLatex } from './latex.ts';
export { tableMarkdown } from './markdown.ts';
export { measuresCsv } from './measuresCsv.ts';
export { REPORT_FORMATS, reportFiles, type ReportFile, type ReportFormat } from './reportFiles.ts';
export { markdownReport } from './markdownReport.ts';

export { countRecords, type LabelBytes, recordBytes } from './cifarBinary.ts';
export { FORMAT_NAMES, FORMATS, type FormatName, recordLabels } from './formats.ts';

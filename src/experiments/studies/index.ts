export { BORROWED_RATE } from './arms.ts';
export { findStudy, STUDIES } from './studies.ts';

/** Which comparison of a study is a primary one, and what it is corrected with. */
import { STUDIES } from '../../experiments/index.ts';
import type { StudyRecords } from './study.ts';

/**
 * The study of each data set whose comparison of CE and MSL is the primary one, fixed before any study of six seeds or more was published. Of
 * those on CIFAR-10 it is that in which training saturates, which is what the paper's abstract is about.
 */
export const PRIMARY_STUDIES = [
  { dataset: 'CIFAR-10', study: 'cifar10-5k' },
  { dataset: 'CIFAR-100', study: 'cifar100' },
  { dataset: 'SVHN', study: 'svhn' },
  { dataset: 'faces (gender)', study: 'gender' },
] as const;

/** Whether a study's primary comparison is one of {@link PRIMARY_STUDIES}, which are corrected together. */
export function isMember({ name }: Pick<StudyRecords, 'name'>): boolean {
  return PRIMARY_STUDIES.some(({ study }) => study === name);
}

/**
 * The arm whose comparison is the study's primary one. Of the workbook's own studies only those of {@link PRIMARY_STUDIES} have
 * one: several tuned studies of a data set would give it several chances.
 */
export function primaryArm(study: Pick<StudyRecords, 'name' | 'primary'>): string | undefined {
  const isOurs = STUDIES.some(({ name }) => name === study.name);
  return isOurs && !isMember(study) ? undefined : study.primary;
}

/**
 * The p-values that the study's primary comparison is corrected with: those of the other data sets, `null` where one is not known;
 * none for a study outside of the family.
 */
export function familyOf(study: Pick<StudyRecords, 'name' | 'family'>): readonly (number | null)[] {
  return study.family ?? (isMember(study) ? PRIMARY_STUDIES.slice(1).map(() => null) : []);
}

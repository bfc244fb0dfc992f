import { asGood } from './controls.ts';
import { DISTINCT_ARMS } from './figures/theme.ts';
import { findings, type Findings } from './findings.ts';
import { capitalised, inWords } from './format.ts';
import { withQuestion, type StudyRecords } from './study.ts';

/**
 * The sentences of a study's report. Of more arms than a reader tells apart they are about the two of the paper's question, with a
 * sentence on the others, which the tables have one by one.
 */
export function told(study: StudyRecords): Findings {
  const question = withQuestion(study);
  const others = study.arms.length - question.arms.length;
  if (study.arms.length <= DISTINCT_ARMS || others === 0) return findings(study);
  const about = findings(question);
  const arms = others === 1 ? 'One more arm was' : `${capitalised(inWords(others))} more arms were`;
  return {
    ...about,
    measured: [
      ...about.measured,
      `${arms} trained in the same way, which the tables compare with their baselines.`,
    ],
    result: [...about.result, ...asGood(study)],
  };
}

import { asGood } from './controls.ts';
import { DISTINCT_ARMS } from '../figures/theme.ts';
import { findings, type Findings } from './findings.ts';
import { capitalised, inWords } from '../format.ts';
import { atOneRateSentences } from './oneRate.ts';
import { armsWithRuns, withQuestion, type StudyRecords } from '../study/study.ts';

/** The study with so many arms as a reader tells apart: all, or those of the paper's question. */
export function distinctArms(study: StudyRecords): StudyRecords {
  return study.arms.length > DISTINCT_ARMS ? withQuestion(study) : study;
}

/** {@link findings} on the two arms of the paper's question, with a sentence on which others do as well. */
export function questionFindings(study: StudyRecords): Findings {
  const about = findings(withQuestion(study));
  return { ...about, result: [...about.result, ...atOneRateSentences(study), ...asGood(study)] };
}

/**
 * The sentences of a study's report. Of more arms than a reader tells apart they are about the two of the paper's question, with a
 * sentence on the others, which the tables have one by one.
 */
export function told(study: StudyRecords): Findings {
  const { arms } = distinctArms(study);
  const others = study.arms.length - arms.length;
  if (others === 0) return findings(study);
  const trained = armsWithRuns(study).filter((arm) => !arms.includes(arm)).length;
  const about = questionFindings(study);
  return {
    ...about,
    measured: [
      ...about.measured,
      ...sentence(
        trained,
        'was trained in the same way',
        'were trained in the same way, which the tables compare with their baselines',
      ),
      ...sentence(others - trained, 'has no run yet', 'have no run yet'),
    ],
  };
}

function sentence(arms: number, one: string, many: string): string[] {
  if (arms === 0) return [];
  return [arms === 1 ? `One more arm ${one}.` : `${capitalised(inWords(arms))} more arms ${many}.`];
}

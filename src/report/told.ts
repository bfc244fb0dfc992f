import { asGood } from './controls.ts';
import { DISTINCT_ARMS } from './figures/theme.ts';
import { findings, type Findings } from './findings.ts';
import { capitalised, inWords } from './format.ts';
import { runsOf, withQuestion, type StudyRecords } from './study.ts';

/**
 * The sentences of a study's report. Of more arms than a reader tells apart they are about the two of the paper's question, with a
 * sentence on the others, which the tables have one by one.
 */
export function told(study: StudyRecords): Findings {
  const question = withQuestion(study);
  if (study.arms.length <= DISTINCT_ARMS || question.arms.length === study.arms.length)
    return findings(study);
  const others = study.arms.filter(({ name }) => !question.arms.some((arm) => arm.name === name));
  const trained = others.filter((arm) => runsOf(study, arm).length > 0).length;
  const about = findings(question);
  return {
    ...about,
    measured: [
      ...about.measured,
      ...sentence(
        trained,
        'was trained in the same way',
        'were trained in the same way, which the tables compare with their baselines',
      ),
      ...sentence(others.length - trained, 'has no run yet', 'have no run yet'),
    ],
    result: [...about.result, ...asGood(study)],
  };
}

function sentence(arms: number, one: string, many: string): string[] {
  if (arms === 0) return [];
  return [arms === 1 ? `One more arm ${one}.` : `${capitalised(inWords(arms))} more arms ${many}.`];
}

import type { MeasureName, RunReport } from '../../analysis/index.ts';
import { capitalised, listing, percentage, threeDigits } from '../format.ts';

/** Two networks, measured on the images that they were trained on, and on others. */
export interface SeparabilityOf {
  /** What it is called, e.g. `CE`. */
  readonly title: string;
  readonly train: RunReport;
  readonly test: RunReport;
}

/**
 * What the measures of two networks say in words, whichever way they point: complete sentences. Two networks of one seed are no
 * evidence that a loss does better, and the sentences do not say so.
 */
export function separabilityFindings(a: SeparabilityOf, b: SeparabilityOf): string[] {
  const taps = Object.keys(a.test.taps).filter((tap) => tap in b.test.taps);
  const last = taps.at(-1);
  if (last === undefined) return ['The two networks have no layer in common.'];
  const of = (report: RunReport, tap: string, name: MeasureName): number => report.taps[tap]!.measures[name];
  const higher = (name: MeasureName) => taps.filter((tap) => of(b.test, tap, name) > of(a.test, tap, name));
  const both = (name: MeasureName, format: (value: number) => string): string =>
    `${format(of(a.test, last, name))} with ${a.title} and ${format(of(b.test, last, name))} with ${b.title}`;
  return [
    `Of test images, ${where(higher('betweenWithinRatio'), taps)} the between/within ratio was higher with ${b.title}, which nearly ` +
      `asks for that; at ${last} it was ${both('betweenWithinRatio', threeDigits)}.`,
    `${capitalised(where(higher('knnAccuracy'), taps))} the accuracy of nearest neighbours, which it does not ask for, was higher; ` +
      `at ${last} it was ${both('knnAccuracy', (share) => `${percentage(share)} %`)}.`,
    `The silhouette at ${last} was ${both('silhouette', threeDigits)}: ${silhouetteWords(of(a.test, last, 'silhouette'), of(b.test, last, 'silhouette'))}.`,
    ...[a, b].flatMap(({ title, train, test }) => {
      const [inside, outside] = [train, test].map((report) => of(report, last, 'nc1Quotient')) as [
        number,
        number,
      ];
      // Too few images for it.
      if (Number.isNaN(outside / inside)) return [];
      return [
        `With ${title} the variability within classes against that between them (NC1, quotient) at ${last} was ` +
          `${threeDigits(inside)} on training and ${threeDigits(outside)} on test images, ` +
          `${threeDigits(outside / inside)} times as much: ` +
          (outside > inside
            ? 'what collapsed in training is less collapsed outside it.'
            : 'the collapse holds outside training as well.'),
      ];
    }),
  ];
}

/** At which of the taps something is so. */
function where(found: readonly string[], taps: readonly string[]): string {
  if (found.length === 0) return 'at no tap';
  return found.length === taps.length ? 'at every tap' : `at ${listing(found)} alone`;
}

/** How a mean silhouette reads. */
function silhouetteWords(a: number, b: number): string {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  if (high < 0) return 'an image is on average nearer to another class than to its own';
  if (low > 0.5) return 'classes are well apart in both';
  if (low > 0) return 'classes overlap widely, however the pictures look';
  return 'one is above 0 and one is not, so classes hardly form groups';
}

import { NOTHING } from '../format.ts';
import { runsOf, withArms, type Arm, type StudyRecords } from './study.ts';

/** A setting of the arms' specifications, by its path, e.g. `loss.msl.margin`. */
export interface Setting {
  readonly path: string;
  /** What each arm has, in the order of the arms; several values are joined. */
  readonly values: readonly string[];
  /** Whether the arms differ in it, as far as they have runs; never of the seed, of which some may be still to come. */
  readonly differs: boolean;
}

/** The settings of every arm, those in which they differ first. */
export function armSettings(study: StudyRecords): Setting[] {
  const runs = study.arms.map((arm) => runsOf(study, arm));
  const arms = runs.map((own) => merged(own.map((run) => run.spec)));
  const settings = pathsOf(arms).map((path): Setting => {
    const values = arms.map((arm) => arm.get(path)?.join('; ') ?? NOTHING);
    const different = new Set(values.filter((_, i) => runs[i]!.length > 0));
    return { path, values, differs: path !== 'seed' && different.size > 1 };
  });
  return [
    ...settings.filter((setting) => setting.differs),
    ...settings.filter((setting) => !setting.differs),
  ];
}

/** Of the loss; of what does not enter a training, or stands under its own name, too. */
const UNLIKE = /^(loss|probes|custom)(\.|$)/;

/**
 * What two arms differ in besides their losses, in words (`learning rate`), with the values by the arms' titles. A search gives every arm a
 * learning rate of its own, which then has a part in the difference.
 */
export function settingsBesideLoss(
  study: StudyRecords,
  { arm, baseline }: { readonly arm: Arm; readonly baseline: Arm },
): { readonly name: string; readonly values: Readonly<Record<string, string>> }[] {
  const pair = withArms(study, [baseline.name, arm.name]);
  return armSettings(pair)
    .filter(({ differs, path }) => differs && !UNLIKE.test(path))
    .map(({ path, values }) => ({
      name: path
        .split('.')
        .at(-1)!
        .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      values: Object.fromEntries(pair.arms.map(({ title }, i) => [title, values[i]!])),
    }));
}

/** Whether two arms differ in their losses. */
export function differInLoss(
  study: StudyRecords,
  { arm, baseline }: { readonly arm: Arm; readonly baseline: Arm },
): boolean {
  return armSettings(withArms(study, [baseline.name, arm.name])).some(
    ({ path, differs }) => differs && /^loss(\.|$)/.test(path),
  );
}

/** What the runs say of the machine and the software; where they differ, all that they say. */
export function environmentSettings(
  study: StudyRecords,
): { readonly path: string; readonly value: string }[] {
  const environment = merged(study.runs.map((run) => run.environment));
  return [...environment].map(([path, values]) => ({ path, value: values.join('; ') }));
}

type Merged = ReadonlyMap<string, readonly string[]>;

/** The leaves of several documents by path, each with its different values. */
function merged(documents: readonly unknown[]): Merged {
  const values = new Map<string, string[]>();
  for (const document of documents) {
    for (const [path, value] of leaves(document, '')) {
      const known = values.get(path) ?? [];
      if (!known.includes(value)) known.push(value);
      values.set(path, known);
    }
  }
  return values;
}

/** Every path in the order of the documents; one that holds another arm's paths (`null` for an object) is left out. */
function pathsOf(documents: readonly Merged[]): string[] {
  const paths = [...new Set(documents.flatMap((document) => [...document.keys()]))];
  return paths.filter((path) => path !== '' && !paths.some((other) => other.startsWith(`${path}.`)));
}

function leaves(value: unknown, path: string): (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value)
    .filter(([key]) => key !== 'schemaVersion') // of interest to programs only
    .flatMap(([key, inner]: [string, unknown]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

import { z } from 'zod';

import { UsageError } from '../../engine/index.ts';
import { MSL } from '../../losses/index.ts';
import { recordedPath } from '../custom/paths.ts';
import { customNetwork, customPart, customParts, customTap } from '../custom/registry.ts';
import type { CustomPart } from '../custom/types.ts';
import { mslSchema, optionShape } from './losses.ts';
import type { Locate } from '../readDocument.ts';
import { explain } from './problems.ts';
import { specificationSchema, type Specification } from './schema.ts';
import { valueAt } from './valueAt.ts';

/**
 * Checks a specification and fills in the defaults.
 *
 * @param source where it came from, for messages
 * @param locate where in a file a value stands, for messages
 * @throws {UsageError} naming each wrong path, its value, what would be right, and its place in the file
 */
export function parseSpecification(value: unknown, source: string, locate?: Locate): Specification {
  return parsed(value, source, { locate, isMade: false });
}

/**
 * {@link parseSpecification} of a run that was made: what is refused only since then, so that nobody trains like that again, is
 * no reason not to look at it.
 */
export function parseRecorded(value: unknown, source: string): Specification {
  return parsed(value, source, { locate: undefined, isMade: true });
}

function parsed(
  value: unknown,
  source: string,
  { locate, isMade }: { readonly locate: Locate | undefined; readonly isMade: boolean },
): Specification {
  const schema = schemaFor(value);
  const result = schema.safeParse(value, { reportInput: true });
  const refuse = (problems: readonly string[]): never => {
    throw new UsageError(
      `${source} is no valid specification:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  };
  if (!result.success) {
    return refuse(
      result.error.issues.map((issue) => {
        const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
        const place = locate?.(path, valueAt(value, path));
        return `${place === undefined ? '' : `${place}: `}${explain(issue, value, schema)}`;
      }),
    );
  }
  const { custom: given = [], selection = 'last', sampler = { name: 'shuffled' }, ...rest } = result.data;
  const specification = {
    ...rest,
    // Folders of recorded runs are named by the hash of what they were called then.
    loss: isMade ? rest.loss : canonicalLoss(rest.loss),
    ...(selection === 'last' ? {} : { selection }),
    ...(sampler.name === 'shuffled' ? {} : { sampler }),
  };
  const used = partsUsedBy(specification);
  const problems = [
    ...(selection === 'validation' && rest.split.validation === 0
      ? ['selection: "validation" needs images to choose by, but split.validation is 0']
      : []),
    ...(!isMade && rest.optimizer.schedule === 'step' && rest.optimizer.warmup >= 0.5
      ? [
          `optimizer.warmup: ${rest.optimizer.warmup} of the steps, but the schedule "step" falls from half of them on, so that ` +
            'learningRate is never reached; it has to be below 0.5',
        ]
      : []),
    ...given.flatMap((entry, i) => problemOf(entry, used, `custom.${i}`)),
  ];
  if (problems.length > 0) return refuse(problems);
  return used.length === 0 ? specification : { ...specification, custom: used };
}

/**
 * The mixture separability loss, first among the losses of layers, as `loss.msl`: the same terms in the same order, so that one
 * experiment has one hash.
 */
function canonicalLoss(loss: Specification['loss']): Specification['loss'] {
  const { msl, layers: [first, ...others] = [], ...rest } = loss;
  if (msl !== null || first?.name !== MSL.name) return loss;
  const fields = Object.fromEntries(Object.entries(first).filter(([field]) => field !== 'name'));
  return { ...rest, msl: mslSchema.parse(fields), ...(others.length === 0 ? {} : { layers: others }) };
}

/** The schema, with a network of the user's own where it is asked for. */
export function schemaFor(value: unknown): typeof specificationSchema {
  const name = (value as { network?: { name?: unknown } | null } | null)?.network?.name;
  const network = customNetwork(name);
  if (network === undefined) return specificationSchema;
  const shape = { name: z.literal(network.name), ...optionShape(network) };
  // Whoever builds the network asks for the user's own ones first.
  return specificationSchema.extend({
    network: z.strictObject(shape),
  }) as unknown as typeof specificationSchema;
}

/** The parts of the user's own that a specification uses. */
function partsUsedBy({ loss, network }: Omit<Specification, 'custom'>): CustomPart[] {
  const places = [...(loss.msl === null ? [] : [loss.msl]), ...(loss.layers ?? [])];
  const taps = places.flatMap(({ taps, weight }) => [
    ...(taps ?? []),
    ...(typeof weight === 'number' ? [] : Object.keys(weight)),
  ]);
  const wanted = [
    ...(loss.layers ?? []).map(({ name }) => ['loss', name] as const),
    ...taps.filter((tap) => customTap(tap) !== undefined).map((tap) => ['tap', tap] as const),
    ['network', network.name] as const,
  ];
  const keys = [...new Set(wanted.map(([kind, name]) => `${kind} ${name}`))];
  return keys.flatMap((key) => {
    const [kind, name] = key.split(' ') as [CustomPart['kind'], string];
    return customPart(kind, name) ?? [];
  });
}

/** What is wrong with an entry of `custom`: a file that was not loaded, a part that is another one here. */
function problemOf(entry: string | CustomPart, used: readonly CustomPart[], place: string): string[] {
  if (typeof entry === 'string') {
    if (customParts().some(({ file }) => file === recordedPath(entry))) return [];
    return [`${place}: '${entry}' was not loaded; await loadCustomParts('${entry}') first`];
  }
  const { kind, name, sha256 } = entry;
  const here = used.find((part) => part.kind === kind && part.name === name);
  if (here === undefined) return [`${place}: the ${kind} '${name}' is not used, or not registered`];
  if (here.sha256 === sha256) return [];
  return [
    `${place}: the ${kind} '${name}' is not the one that was recorded: its sha256 is ${here.sha256}, not ${sha256}`,
  ];
}

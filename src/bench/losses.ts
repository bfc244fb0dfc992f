/** How well the losses of layers agree with their references and what they cost, and the document that says so. */
import { layerLosses } from '../losses/index.ts';
import { wrapped } from '../report/index.ts';
import { circumstancesText, measured, type Circumstances } from './circumstances.ts';
import { DEGENERATE, lossAgreements, lossFixtures, type LossAgreement } from './lossAgreement.ts';
import { measureLossCosts, type LossCost, type LossCostOptions, type LossCosts } from './lossCost.ts';
import { markdown } from './table.ts';

/** `bench/results/losses.json` */
export interface LossesRecord extends Circumstances {
  readonly schemaVersion: 1;
  readonly kind: 'losses';
  readonly agreement: readonly LossAgreement[];
  readonly cost: LossCosts;
}

/** Largest error of a value or a gradient. */
const AIM = 1e-5;

/** The share of a step that a pair loss may take. */
const TARGET = 0.1;

/**
 * Compares every loss with its fixtures and times it.
 *
 * @throws {UserError} outside of a clone, which has no fixtures
 */
export async function measureLosses(
  options: LossCostOptions & { readonly threads: number },
): Promise<LossesRecord> {
  const fixtures = lossFixtures();
  const record = await measured(options, async () => ({
    agreement: lossAgreements(fixtures),
    cost: await measureLossCosts(options),
  }));
  return { schemaVersion: 1, kind: 'losses', ...record };
}

/**
 * docs/agreement.md: the figures of a record.
 *
 * @throws {Error} for a record that lacks a loss
 */
export function lossesDocument(record: LossesRecord): string {
  const found = layerLosses().map(({ name }) => {
    const agreement = record.agreement.find((one) => one.name === name);
    const cost = record.cost.losses.find((one) => one.name === name);
    if (agreement === undefined || cost === undefined) {
      throw new Error(`The record has no ${name}: measure the losses again.`);
    }
    return { name, agreement, cost };
  });
  const agreement = markdown(
    ['loss', 'compared on', 'value off by', 'gradient off by', 'reference off by', 'degenerate batches'],
    found.map(({ name, agreement: a }) => [
      `\`${name}\``,
      `${a.batches} batches`,
      ...[a.value, a.gradient, a.differences].map((error) => error.toExponential(0)),
      a.notFinite.length === 0 ? 'all finite' : `**not finite**: ${a.notFinite.join(', ')}`,
    ]),
  );
  const cost = markdown(
    ['loss', 'alone, ms', 'share of the step', 'step with it, ms', 'over one without'],
    found.map(({ name, cost: c }) => [
      `\`${name}\``,
      milliseconds(c.alone.median, 2),
      `${(100 * c.share.median).toFixed(2)} %`,
      milliseconds(c.step.median, 0),
      `${c.ratio.median.toFixed(3)} (${c.ratio.min.toFixed(3)} to ${c.ratio.max.toFixed(3)})`,
    ]),
  );
  return [
    HEAD,
    '## Values, gradients, degenerate batches',
    agreement,
    agreementNotes(record.agreement),
    '## Time',
    cost,
    costNotes(record.cost),
    wrapped(circumstancesText(record)),
  ]
    .join('\n\n')
    .concat('\n');
}

const HEAD = `# Agreement and cost of the losses

<!-- Generated: npx msl bench losses --save -->

What each loss is stands in its docstring in [src/losses](../src/losses). This is what was measured of them.`;

function agreementNotes(agreement: readonly LossAgreement[]): string {
  const bad = agreement.filter(({ notFinite }) => notFinite.length > 0);
  const verdict =
    bad.length === 0
      ? 'finite for every loss'
      : `not finite for ${bad.map(({ name }) => `\`${name}\``).join(', ')}`;
  const beyond = agreement.filter(({ value, gradient }) => Math.max(value, gradient) > AIM);
  const aim =
    beyond.length === 0
      ? 'kept by all'
      : `**missed** by ${beyond.map(({ name }) => `\`${name}\``).join(', ')}, kept by all others`;
  return [
    'Reference: PyTorch in float64, loops over pairs straight from the formulas and automatic differentiation ' +
      '([make.py](../test/fixtures/losses/make.py), pinned versions). `supervisedContrastive` is also compared with ' +
      'pytorch-metric-learning there, `similarityMatching` with the code that its authors published.',
    'Value off by: the largest relative error of a part (below 0.01, relative to that). Gradient off by: the largest error of ' +
      'an entry, by the features and by what the loss keeps (centers, a classifier), as a share of the largest entry. float32 ' +
      `against float64. The aim is ${AIM.toExponential(0)}: ${aim}.`,
    "Reference off by: the largest difference of the reference's gradient from central differences in float64, as a share of " +
      'the largest entry.',
    `Degenerate batches: ${Object.keys(DEGENERATE).join('; ')}. Values and gradients of every part, with ordinary centers or ` +
      `classifiers and with ones of zeros, are ${verdict}.`,
  ]
    .map(bullet)
    .join('\n');
}

function costNotes({ batchSize, widths, rounds, crossEntropy, losses }: LossCosts): string {
  const dear = losses.filter(({ share }) => share.median > TARGET);
  const dearest = losses.reduce((a: LossCost, b) => (b.share.median > a.share.median ? b : a));
  const verdict =
    dear.length === 0
      ? `all keep it; \`${dearest.name}\` takes most, ${(100 * dearest.share.median).toFixed(1)} %`
      : `**missed** by ${dear.map(({ name }) => `\`${name}\``).join(', ')}`;
  const { median, min, max } = crossEntropy;
  const setting = wrapped(
    `On three taps of the reference network (\`vgg\` ${widths.join('-')}) at batch ${batchSize}, with defaults, as graphs; medians ` +
      `of ${rounds} rounds. The step with cross-entropy alone takes ${milliseconds(median, 0)} ms (${milliseconds(min, 0)} to ` +
      `${milliseconds(max, 0)}).`,
  );
  const notes = [
    'Alone: the three losses and their gradients by the pooled features, timed by themselves. Share of the step: that over the ' +
      `fastest step with cross-entropy alone, so that other programs on the machine make it larger, not smaller. The aim is at most ${100 * TARGET} % for any pair loss: ${verdict}.`,
    'Over one without: a whole step with the loss over the mean of two steps without it, before and after, with the smallest ' +
      'and the largest of the rounds. It has the pooling and its gradient in it as well; where the rounds spread more than the ' +
      'loss costs, the share says more.',
  ];
  return `${setting}\n\n${notes.map(bullet).join('\n')}`;
}

const bullet = (text: string): string => wrapped(`- ${text}`).replaceAll('\n', '\n  ');

const milliseconds = (seconds: number, digits: number): string => (1000 * seconds).toFixed(digits);

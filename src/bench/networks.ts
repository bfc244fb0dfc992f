/** How fast every listed network trains, and the document that says so. */
import { setImmediate } from 'node:timers/promises';

import type { Progress } from '../engine/index.ts';
import { listedNetworks } from '../experiments/index.ts';
import { multiplyAdds, parameterCount, type Network } from '../models/index.ts';
import { wrapped } from '../report/index.ts';
import { circumstancesText, measured, type Circumstances } from './circumstances.ts';
import { median, spread, type Spread } from './statistics.ts';
import { stepperOf, type Stepper } from './stepper.ts';
import { markdown, speeds } from './table.ts';

export interface NetworkBenchOptions {
  readonly batchSize: number;
  readonly rounds: number;
  readonly threads: number;
  /** Only the networks with these labels; default all that are listed. */
  readonly labels?: readonly string[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What a network is and how fast it trains. */
export interface NetworkRecord {
  readonly label: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Of the last stage, in pixels. */
  readonly receptiveField: number;
  readonly taps: readonly string[];
  /** Tracing, loading and running the graph for the first time. */
  readonly firstStepSeconds: number;
  /** Steps of a turn. */
  readonly steps: number;
  /** Images per second, of each round: the batch size over the median of the round's steps. */
  readonly trainRounds: readonly number[];
  readonly train: Spread;
}

/** `bench/results/networks.json` */
export interface NetworksRecord extends Circumstances {
  readonly schemaVersion: 1;
  readonly kind: 'networks';
  readonly batchSize: number;
  readonly rounds: number;
  readonly networks: readonly NetworkRecord[];
}

/** What a turn is to take, in seconds, and the steps that it has at most. */
const TURN = 1;
const MOST_STEPS = 20;

interface Participant {
  readonly label: string;
  readonly network: Network;
  readonly stepper: Stepper;
  readonly firstStepSeconds: number;
  readonly steps: number;
  readonly rounds: number[];
}

/** Lets every listed network train by turns, in one process: cross-entropy alone, in float32. */
export async function measureNetworks(options: NetworkBenchOptions): Promise<NetworksRecord> {
  const { batchSize, rounds } = options;
  const record = await measured(options, async () => ({ networks: await byTurns(options) }));
  return { schemaVersion: 1, kind: 'networks', batchSize, rounds, ...record };
}

async function byTurns(options: NetworkBenchOptions): Promise<NetworkRecord[]> {
  const { batchSize, rounds, labels, progress, signal } = options;
  const chosen = listedNetworks().filter(({ label }) => labels?.includes(label) !== false);
  const total = chosen.length * (rounds + 1);
  let done = 0;
  const turn = async (label: string, what: string): Promise<void> => {
    progress?.({ label: 'bench · networks', done, total, note: `${label}, ${what}` });
    done++;
    await setImmediate();
    signal?.throwIfAborted();
  };
  const participants: Participant[] = [];
  try {
    for (const { label, network } of chosen) {
      await turn(label, 'starting');
      const stepper = stepperOf({ network, objective: { terms: [] }, batchSize });
      const firstStepSeconds = stepper.step();
      const steps = Math.min(MOST_STEPS, Math.max(1, Math.round(TURN / stepper.step())));
      participants.push({ label, network, stepper, firstStepSeconds, steps, rounds: [] });
    }
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < participants.length; i++) {
        const { label, stepper, steps, rounds: figures } = participants[(i + round) % participants.length]!;
        await turn(label, `round ${round + 1} of ${rounds}`);
        figures.push(batchSize / median(Array.from({ length: steps }, () => stepper.step())));
      }
    }
  } finally {
    for (const { stepper } of participants) stepper.dispose();
  }
  return participants.map(({ label, network, firstStepSeconds, steps, rounds: figures }) => ({
    ...{ label, ...descriptionOf(network), firstStepSeconds, steps },
    ...{ trainRounds: figures, train: spread(figures) },
  }));
}

function descriptionOf(
  network: Network,
): Pick<NetworkRecord, 'parameters' | 'multiplyAdds' | 'receptiveField' | 'taps'> {
  const last = network.summary.find(({ kind, name }) => kind === 'tap' && name === network.taps.at(-1));
  return {
    parameters: parameterCount(network),
    multiplyAdds: multiplyAdds(network),
    receptiveField: last?.receptiveField ?? 0,
    taps: network.allTaps,
  };
}

/**
 * docs/networks.md: the networks as they are, and the speeds of a record.
 *
 * @throws {Error} for a record of other networks than those that are listed, or of the same ones with other sizes
 */
export function networksDocument(record: NetworksRecord): string {
  const networks = listedNetworks();
  const rows = networks.map(({ label, network }) => {
    const found = record.networks.find((one) => one.label === label);
    if (found === undefined) throw new Error(`The record has no ${label}: measure the networks again.`);
    const { parameters, multiplyAdds, receptiveField, taps } = descriptionOf(network);
    if (found.parameters !== parameters || found.multiplyAdds !== multiplyAdds) {
      throw new Error(`The record is of another ${label}: measure the networks again.`);
    }
    return [
      label,
      parameters.toLocaleString('en-US'),
      multiplyAdds.toLocaleString('en-US'),
      `${receptiveField} × ${receptiveField}`,
      tapsText(taps),
      speeds(found.train),
    ];
  });
  const table = markdown(
    ['network', 'parameters', 'multiply-adds', 'receptive field', 'taps', 'training, images/s'],
    rows,
  );
  const list = networks.map(
    ({ label, about, source, specification }) =>
      `- **${label}** (\`${JSON.stringify({ network: specification }).slice(1, -1)}\`): ${about} ${source}.`,
  );
  return `${HEAD}\n\n${table}\n\n${provenance(record)}\n\n${NOTES}\n\n## What they are\n\n${list.join('\n')}\n`;
}

const HEAD = `# Networks

<!-- Generated: npx msl bench networks --save -->

A network is a description: a list of layers with names, from which parameters, cost, receptive fields and the function itself
follow. \`npx msl models\` lists them, \`npx msl models resnet --set depth=110\` shows the layers of one, \`describe(network)\` does
in a notebook, with a drawing. On images of 32 x 32 pixels and three channels, ten classes:`;

const NOTES = `- Multiply-adds are those of convolutions and matrix products, for one image; training takes about three times as many.
- The receptive field is that of the last stage: the square of the image that one of its values can see.
- A tap is where a loss of layers can be attached: a stage, or \`penultimate\`, what the classifier sees. A name that is none gives
  the list of those that are.
- Any image size and any number of channels will do (\`vgg8b\` needs 16 x 16 or more).
- Weights are a function of the seed, the same on every engine: normal, with variance 2 / fan-in (He et al., ICCV 2015), or
  1 / fan-in for the dense classifier.
- Dropout (\`nin\` 0.5, \`vgg8b\` 0.2 by default; \`wrn\` has an option) draws from a seed that is fed with each step, so a training
  is repeatable, and goes on after a stop as if there had been none. Taps see what is not dropped yet.
- Left out: the rectifier behind \`nin\`'s last convolution, which can end a class for good.`;

/** `stage1 to stage3, penultimate` */
function tapsText(taps: readonly string[]): string {
  return `\`${taps[0]!}\` to \`${taps.at(-2)!}\`, \`${taps.at(-1)!}\``;
}

function provenance(record: NetworksRecord): string {
  const { batchSize, rounds } = record;
  return wrapped(
    `Training speed: the whole step with cross-entropy, batch ${batchSize}, float32, median (smallest to largest) of ${rounds} ` +
      `rounds by turns in one process. ${circumstancesText(record)}`,
  );
}

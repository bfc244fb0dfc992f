import type { DatasetDescription } from '../../data/index.ts';
import type { InferenceGraph } from '../../engine/index.ts';
import type { EnvironmentRecord, SittingRecord } from '../environment.ts';
import type { RunSummary } from '../records.ts';
import type { Specification } from '../specification/index.ts';
import type { ExportFormat } from './formats.ts';
import { featuresOf } from './graph.ts';
import type { TrainedRun } from './run.ts';

/** Version of {@link ExportRecord}'s form. */
const EXPORT_SCHEMA_VERSION = 1;

/** An end of the exported model; `null` in the shape = any number of images. */
export interface ExportedEnd {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
  readonly meaning: string;
}

/** `export.json`: what a model is and where it comes from. The same run gives the same bytes. */
export interface ExportRecord {
  readonly schemaVersion: number;
  readonly format: ExportFormat;
  readonly input: ExportedEnd;
  readonly outputs: readonly ExportedEnd[];
  readonly classes: readonly string[];
  /** Inside the graph: `(pixel - mean[channel]) / std[channel]`, pixels from 0 to 255. */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly run: {
    readonly id: string;
    readonly seed: number;
    /** SHA-256 of the specification. */
    readonly specificationHash: string;
    /** The epoch whose weights these are. */
    readonly epoch: number;
    /** Of the workbook that trained it; `null` outside of git. */
    readonly commit: string | null;
    readonly dirty: boolean | null;
    /** Others that went on with the training, where it was stopped. */
    readonly later?: readonly Pick<SittingRecord, 'firstEpoch' | 'commit' | 'dirty'>[];
    readonly version: string | null;
    /** E.g. `tensorflow 2.21.0`. */
    readonly engine: string | null;
    readonly test: RunSummary['test'];
    readonly specification: Specification;
  };
  readonly data: {
    readonly name: string;
    readonly title: string;
    /** `null` for images of the user's own. */
    readonly origin: NonNullable<DatasetDescription['origin']> | null;
  };
}

/** @param id the run's name for people, such as its folder below `runs` */
export function describeExport(
  run: TrainedRun,
  graph: InferenceGraph,
  { format, id }: { readonly format: ExportFormat; readonly id: string },
): ExportRecord {
  const { specification, environment, summary, data, network } = run;
  const meanings = new Map([
    ['logits', 'scores of the classes'],
    ['probabilities', 'softmax of the logits'],
    ...network.taps.map((tap) => [featuresOf(tap), `global average of ${tap}'s activation`] as const),
  ]);
  const shape = (sizes: readonly number[]) => sizes.map((size) => (size < 0 ? null : size));
  return {
    schemaVersion: EXPORT_SCHEMA_VERSION,
    format,
    input: {
      name: graph.input.key,
      shape: shape(graph.input.shape),
      // TensorFlow.js has no bytes; it takes them as integers.
      dtype: format === 'tfjs' ? 'int32' : 'uint8',
      meaning: `pixels from 0 to 255 [batch, height, width, ${data.image.channels === 3 ? 'red green blue' : 'channels'}]`,
    },
    outputs: graph.outputs.map((output) => ({
      name: output.key,
      shape: shape(output.shape),
      dtype: 'float32',
      meaning: meanings.get(output.key) ?? '',
    })),
    classes: data.classes,
    normalisation: data.normalisation,
    run: {
      id,
      seed: specification.seed,
      specificationHash: run.hash,
      epoch: summary.selection.epoch,
      commit: environment?.commit ?? null,
      dirty: environment?.dirty ?? null,
      ...(environment?.later === undefined
        ? {}
        : {
            later: environment.later.map(({ firstEpoch, commit, dirty }) => ({ firstEpoch, commit, dirty })),
          }),
      version: environment?.version ?? null,
      engine: environment === undefined ? null : `${environment.engine} ${environment.engineVersion}`,
      test: summary.test,
      specification,
    },
    data: {
      name: specification.dataset,
      title: data.title,
      origin: data.origin ?? null,
    },
  };
}

/** `README.md` beside the model. */
export function readmeOf(record: ExportRecord): string {
  const { input, outputs, classes, normalisation, run, data } = record;
  const end = ({ name, shape, dtype, meaning }: ExportedEnd) =>
    `| \`${name}\` | \`[${shape.map((size) => size ?? 'batch').join(', ')}]\` | ${dtype} | ${meaning} |`;
  const numbers = (values: readonly number[]) => values.map((value) => Number(value.toFixed(3))).join(', ');
  const trained = [
    commitText(run),
    ...(run.later ?? []).map((sitting) => {
      const commit = commitText(sitting);
      return commit && `${commit} from epoch ${sitting.firstEpoch} on`;
    }),
    run.version === null ? undefined : `msl-workbook ${run.version}`,
    run.engine ?? undefined,
  ].filter((part) => part !== undefined);
  return `# A ${run.specification.network.name} network trained on ${data.title}

${record.format === 'tfjs' ? 'A graph model for TensorFlow.js.' : 'A TensorFlow SavedModel.'} Exported by \`msl export\` for inference: the weights are constants of the graph. Machine-readable: \`export.json\`.

## Use

${record.format === 'tfjs' ? useInJavaScript(record) : useInPython(record)}

## Input and outputs

|  | shape | type | |
| --- | --- | --- | --- |
${[input, ...outputs].map(end).join('\n')}

Any number of images. Do not normalise them: the graph does, as \`(pixel - mean) / std\` with mean ${numbers(normalisation.mean)} and std ${numbers(normalisation.std)} for the channels, the statistics of the training images. Batch normalisation, where the network has it, uses its running statistics.

Classes, in the order of the logits: ${classes.join(', ')}.

## Origin

- Run: \`${run.id}\`, seed ${run.seed}, weights after epoch ${run.epoch}
- Specification: sha256 ${run.specificationHash} (in full in \`export.json\`)
- Trained with: ${trained.length === 0 ? 'not recorded' : trained.join(', ')}
- Test error when trained: ${(100 * run.test.error).toFixed(2)} % of ${run.test.n} images

## Data and licence

${originOf(data)}
`;
}

function originOf({ title, origin }: ExportRecord['data']): string {
  if (origin === null) return `${title}: images of the one who trained it, under the terms that these have.`;
  return `${title}, ${origin.homepage}\n\nLicence of the data: ${origin.licence}. Cite: ${origin.citation}.`;
}

function useInPython({ input, classes }: ExportRecord): string {
  return `\`\`\`python
import numpy as np
import tensorflow as tf

CLASSES = ${JSON.stringify(classes)}
model = tf.saved_model.load('.').signatures['serving_default']
${input.name} = np.zeros([1, ${input.shape.slice(1).join(', ')}], np.uint8)  # pixels, 0 to 255
outputs = model(${input.name}=tf.constant(${input.name}))
print(CLASSES[int(np.argmax(outputs['probabilities'][0]))])
\`\`\``;
}

function useInJavaScript({ input, classes }: ExportRecord): string {
  const [, height, width, channels] = input.shape;
  // As images are decoded: TensorFlow.js's own picture of one channel is the red one.
  const luma = '.mul([19595, 38470, 7471]).sum(2, true).add(32768).div(65536).floor().toInt()';
  const pixels = `tf.browser.fromPixels(picture)${channels === 1 ? luma : ''}`;
  return `From a folder that a web server gives out:

\`\`\`html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script type="module">
  const CLASSES = ${JSON.stringify(classes)};
  const model = await tf.loadGraphModel('model.json');
  const picture = document.querySelector('img'); // ${width} by ${height} pixels
  const outputs = tf.tidy(() => model.predict({ ${input.name}: ${pixels}.expandDims(0) }));
  const [best] = await outputs.probabilities.argMax(1).data();
  console.log(CLASSES[best]);
</script>
\`\`\`

A picture of another size: \`tf.image.resizeBilinear(pixels, [${height}, ${width}]).round().toInt()\` first.
\`model.execute(images, 'probabilities')\` computes one output alone.`;
}

function commitText({ commit, dirty }: Pick<EnvironmentRecord, 'commit' | 'dirty'>): string | undefined {
  return commit === null ? undefined : `commit ${commit}${dirty === true ? ' (with changes)' : ''}`;
}

import { versionsText } from './circumstances.ts';
import type { BenchRecord } from './run.ts';
import type { FailedVariant, SectionResult } from './section.ts';
import type { Ratio } from './targets.ts';
import { spread, type Spread } from './statistics.ts';

/** Where the figure of {@link scalingFigure} lies, seen from bench/README.md. */
export const SCALING_FIGURE = 'results/scaling.svg';

/** A record as the tables of bench/README.md, in Markdown. */
export function benchTables(record: BenchRecord): string {
  return `${record.kind === 'scaling' ? scalingTables(record) : referenceTables(record)}\n\n${provenance(record)}`;
}

/** The tables of a record, in the place of its kind in `text`; see {@link withBlock}. */
export function withTables(text: string, record: BenchRecord): string {
  return withBlock(text, record.kind, benchTables(record));
}

/**
 * `text` with `block` between the markers `<!-- bench:name -->` and `<!-- /bench:name -->`.
 *
 * @throws {Error} where the markers are missing
 */
export function withBlock(text: string, name: string, block: string): string {
  const [from, to] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`The markers ${from} and ${to} are missing.`);
  return `${text.slice(0, start + from.length)}\n\n${block}\n\n${text.slice(end)}`;
}

function referenceTables({ sections, ratios }: BenchRecord): string {
  const parts = sections.map((section) => `${heading(section)}\n\n${variantTable(section)}`);
  if (ratios.length > 0) parts.push(`Ratios of training speed:\n\n${ratioTable(ratios)}`);
  return parts.join('\n\n');
}

function heading({ name, size: { widths, batchSize, taps } }: SectionResult): string {
  return `\`${name}\`: vgg ${widths.join('-')}, batch ${batchSize}, a pair loss on ${taps} taps; images/s, median (smallest to largest of the rounds):`;
}

function variantTable({ variants, failed }: Pick<SectionResult, 'variants' | 'failed'>): string {
  return markdown(
    ['variant', 'precision', 'training', 'inference', 'first step, s', 'peak memory, MB', 'loss off by'],
    [
      ...variants.map((v) => [
        `${v.title} (\`${v.name}\`)`,
        v.precision,
        speeds(v.train),
        v.infer === undefined ? '' : speeds(v.infer),
        v.firstStepSeconds.toFixed(1),
        (v.peakMemoryBytes / 1e6).toFixed(0),
        v.lossDifference === null ? '' : v.lossDifference.toExponential(0),
      ]),
      ...failed.map((v) => [`${v.title} (\`${v.name}\`)`, v.precision, failure(v), '', '', '', '']),
    ],
  );
}

/** The last line of what a process wrote says what happened. */
function failure({ error }: FailedVariant): string {
  const line = error.trim().split('\n').at(-1)!.trim();
  return `failed: ${line.slice(0, 160)}`.replaceAll('|', '\\|');
}

function ratioTable(ratios: readonly Ratio[]): string {
  return markdown(
    ['what', 'against', 'ratio of medians', 'rounds', 'at least', ''],
    ratios.map(({ what, of, value, rounds, target, met }) => [
      what,
      `\`${of[1]}\``,
      value.toFixed(2),
      `${rounds.min.toFixed(2)} to ${rounds.max.toFixed(2)}`,
      String(target),
      met ? 'met' : '**missed**',
    ]),
  );
}

function scalingTables({ sections }: BenchRecord): string {
  const epochs = sections.filter(({ size }) => size.epochImages !== undefined);
  const steps = sections.filter(({ size }) => size.epochImages === undefined);
  const names = [...new Set(steps.flatMap(({ variants }) => variants.map(({ name }) => name)))];
  const rows = steps.map(({ name, size, variants, failed }) => [
    name,
    ...names.map((n) => {
      const found = variants.find((v) => v.name === n);
      const missing = failed.find((v) => v.name === n);
      if (found === undefined) return missing === undefined ? '' : failure(missing);
      const { median } = found.train;
      return `${((1000 * size.batchSize) / median).toFixed(1)} (${speed(median)})`;
    }),
  ]);
  const parts: string[] = [];
  if (steps.length > 0) {
    parts.push(
      `Milliseconds a step (images/s):\n\n${markdown(['what grows', ...names.map((n) => `\`${n}\``)], rows)}`,
    );
  }
  if (epochs.length > 0) {
    const table = markdown(
      ['images', 'seconds an epoch', 'images/s', 'peak memory, MB'],
      epochs.flatMap(({ size, variants }) =>
        variants.map(({ train, peakMemoryBytes }) => [
          String(size.epochImages),
          (size.epochImages! / train.median).toFixed(1),
          speeds(train),
          (peakMemoryBytes / 1e6).toFixed(0),
        ]),
      ),
    );
    parts.push(`Whole epochs, with crop and flip, by the size of the data set:\n\n${table}`);
  }
  parts.push(`![Time against batch size, width, taps and data set](${SCALING_FIGURE})`);
  return parts.join('\n\n');
}

/** Where, when and under which load sections were measured: one paragraph for those that have that in common. */
function provenance({ sections }: BenchRecord): string {
  const groups = new Map<string, SectionResult[]>();
  for (const section of sections) {
    const { environment: e, startedAt, threads, rounds } = section;
    const key = JSON.stringify([
      e.cpu,
      e.cpuFlags,
      e.commit,
      e.dirty,
      startedAt.slice(0, 10),
      threads,
      rounds,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), section]);
  }
  return [...groups.values()]
    .map((group) => {
      const names = groups.size === 1 ? '' : `${group.map(({ name }) => `\`${name}\``).join(', ')}: `;
      return `${names}${circumstances(group)}`;
    })
    .join('\n\n');
}

/** Of sections that were measured on one day, on one machine, at one commit. */
function circumstances(sections: readonly SectionResult[]): string {
  const { environment: e, threads, rounds, startedAt } = sections[0]!;
  const versions = [...new Set(sections.flatMap((s) => s.variants.map((v) => v.version)))];
  const steps = Math.max(...sections.flatMap((s) => s.variants.map((v) => v.steps)));
  const loads = spread(sections.flatMap(({ load }) => [load.before, load.after]));
  const flags = e.cpuFlags?.join(' ') ?? 'unknown';
  return (
    `${startedAt.slice(0, 10)}, ${e.cpu}, ${e.cores} cores (${flags}), ${threads} threads; ${rounds} rounds of up to ` +
    `${steps} steps by turns; load ${loads.min.toFixed(1)} to ${loads.max.toFixed(1)} before and after; ` +
    `${versions.join(', ')}; ${versionsText(e)}.`
  );
}

/** `median (smallest to largest)` */
export function speeds({ median, min, max }: Spread): string {
  return `${speed(median)} (${speed(min)} to ${speed(max)})`;
}

/** Three digits. */
function speed(imagesPerSecond: number): string {
  return imagesPerSecond >= 100 ? imagesPerSecond.toFixed(0) : imagesPerSecond.toPrecision(3);
}

/** A table in Markdown, its columns padded as prettier does. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, c) => Math.max(3, ...all.map((row) => row[c]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, c) => cell.padEnd(widths[c]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

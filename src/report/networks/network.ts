/** A network as tables and as a drawing. */
import {
  multiplyAdds,
  parameterCount,
  type FeatureShape,
  type Layer,
  type Network,
} from '../../models/index.ts';
import { escapeHtml } from '../escape.ts';
import { decimals, whole } from '../format.ts';
import type { Column, Table } from '../tables/index.ts';

const MILLION = 1e6;

/** Every layer with something to it: shape, parameters, cost, what it can see. */
export function networkTable(network: Network): Table {
  const rows = network.summary.filter(({ kind }) => kind !== 'rectifier');
  const column = (name: string, values: Column['values'], format: Column['format'] = whole): Column => ({
    name,
    values,
    format,
  });
  const total = <T>(values: readonly T[], sum: T): T[] => [...values, sum];
  return {
    title: `${network.name} on images of ${shapeText(network.imageShape)}, ${network.classes} classes`,
    note:
      'A convolution counts with the normalisation behind it. Multiply-adds are for one image. The receptive field is the ' +
      'side of the square of the image that one value can see. A tap is where a loss can be attached.',
    rowHeader: 'layer',
    rows: total(
      rows.map(({ name, kind }) => (kind === 'tap' ? `tap ${name}` : name)),
      'all',
    ),
    columns: [
      column('output', total(rows.map((row) => shapeText(row.outputShape)), '')), // prettier-ignore
      column(
        'parameters',
        total(
          rows.map(
            (row) =>
              row.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0) || null,
          ),
          parameterCount(network),
        ),
      ),
      column(
        'multiply-adds',
        total(
          rows.map((row) => row.multiplyAdds || null),
          multiplyAdds(network),
        ),
      ),
      column('receptive field', total(rows.map((row) => row.receptiveField), null)), // prettier-ignore
    ],
    summaryRows: 1,
  };
}

/** Several networks, one a row. */
export function networksTable(
  networks: readonly { readonly label: string; readonly network: Network }[],
): Table {
  const values = <T>(of: (network: Network) => T): T[] => networks.map(({ network }) => of(network));
  const inMillions = (value: number) => decimals(value / MILLION, value < MILLION ? 3 : 2);
  return {
    title: 'Networks',
    note: 'Parameters and multiply-adds (for one image) in millions; the receptive field of the last stage, in pixels.',
    rowHeader: 'network',
    rows: networks.map(({ label }) => label),
    columns: [
      { name: 'parameters (M)', values: values(parameterCount), format: inMillions },
      { name: 'multiply-adds (M)', values: values(multiplyAdds), format: inMillions },
      {
        name: 'receptive field',
        values: values(
          ({ summary, taps }) =>
            summary.find(({ kind, name }) => kind === 'tap' && name === taps.at(-1))?.receptiveField ?? null,
        ),
        format: whole,
      },
      { name: 'taps', values: values(({ allTaps }) => tapsText(allTaps)), format: String },
    ],
  };
}

/** `stage1 to stage3, penultimate` */
function tapsText(taps: readonly string[]): string {
  const stages = taps.slice(0, -1);
  const range = stages.length > 2 ? `${stages[0]!} to ${stages.at(-1)!}` : stages.join(', ');
  return [...(range === '' ? [] : [range]), ...taps.slice(-1)].join(', ');
}

/** `32×32×16` */
function shapeText(shape: FeatureShape): string {
  return shape.join('×');
}

const WIDTH = 480;
const CARD_WIDTH = 300;
const LINE = 18;
const GAP = 26;
const MARGIN = 12;

/** The network from top to bottom as an SVG drawing: what happens up to each tap, and what comes out there. */
export function networkDrawing(network: Network): string {
  const segments = segmentsOf(network);
  const parts: string[] = [];
  let y = MARGIN;
  const text = (x: number, at: number, content: string, attributes = '') =>
    `<text x="${x}" y="${at}"${attributes}>${escapeHtml(content)}</text>`;
  const centre = MARGIN + CARD_WIDTH / 2;
  parts.push(text(centre, y + 12, `image ${shapeText(network.imageShape)}`, ' text-anchor="middle"'));
  y += 18;
  for (const { lines, output, tap } of segments) {
    const height = lines.length * LINE + 14;
    parts.push(
      `<path d="M${centre} ${y + 2}V${y + GAP - 6}" stroke="#555" marker-end="url(#msl-arrow)"/>`,
      `<rect x="${MARGIN}" y="${y + GAP}" width="${CARD_WIDTH}" height="${height}" rx="6" fill="#eef4fa" stroke="#0072B2"/>`,
    );
    lines.forEach((line, i) =>
      parts.push(text(centre, y + GAP + 19 + i * LINE, line, ' text-anchor="middle"')),
    );
    const middle = y + GAP + height / 2;
    const right = MARGIN + CARD_WIDTH;
    if (tap !== undefined) {
      parts.push(
        `<path d="M${right} ${middle}H${right + 44}" stroke="#D55E00" stroke-dasharray="4 3"/>`,
        `<circle cx="${right + 50}" cy="${middle}" r="5" fill="#D55E00"/>`,
        text(right + 62, middle - 2, tap, ' font-weight="bold" fill="#a34700"'),
      );
    }
    parts.push(text(right + 62, middle + (tap === undefined ? 4 : 14), output, ' fill="#555"'));
    y += GAP + height;
  }
  const label = `${network.name}: ${segments.map(({ lines, tap }) => `${lines.join(', ')}${tap === undefined ? '' : `, tap ${tap}`}`).join('; ')}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + MARGIN}" width="${WIDTH}" role="img" ` +
    `aria-label="${escapeHtml(label)}" font-family="Helvetica, Arial, sans-serif" font-size="13" style="max-width:100%;background:#fff">` +
    '<defs><marker id="msl-arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">' +
    '<path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>' +
    `<g fill="none">${parts.filter((part) => !part.startsWith('<text')).join('')}</g>` +
    `<g fill="#222">${parts.filter((part) => part.startsWith('<text')).join('')}</g></svg>`
  );
}

/** What lies between two taps. */
interface Segment {
  readonly lines: readonly string[];
  /** Its shape, and the cost up to here. */
  readonly output: string;
  readonly tap?: string;
}

function segmentsOf({ layers, summary }: Network): Segment[] {
  const segments: Segment[] = [];
  let open: Layer[] = [];
  const taps = summary.filter(({ kind }) => kind === 'tap');
  const shapes = new Map(taps.map(({ name, outputShape }) => [name, outputShape]));
  for (const layer of layers) {
    if (layer.kind !== 'tap') {
      open.push(layer);
      continue;
    }
    // A tap directly behind another one (the penultimate features are the last stage's) shares its place.
    if (open.length === 0 && segments.length > 0) {
      const last = segments.pop()!;
      segments.push({ ...last, tap: `${last.tap ?? ''}, ${layer.name}` });
    } else {
      const output = shapeText(shapes.get(layer.name)!);
      segments.push({ lines: linesOf(open), output, tap: layer.name });
    }
    open = [];
  }
  if (open.length > 0) {
    segments.push({ lines: linesOf(open), output: `${shapeText(summary.at(-1)!.outputShape)} logits` });
  }
  return segments;
}

/** One line a layer, with what follows it directly; equal ones that follow each other are counted. */
function linesOf(layers: readonly Layer[]): string[] {
  const lines: string[] = [];
  for (const layer of layers) {
    const line = lineOf(layer);
    if (line.startsWith('+ ') && lines.length > 0) lines.push(`${lines.pop()!}, ${line.slice(2)}`);
    else lines.push(line.replace(/^\+ /, ''));
  }
  const counted: { line: string; times: number }[] = [];
  for (const line of lines) {
    const last = counted.at(-1);
    if (last?.line === line) last.times++;
    else counted.push({ line, times: 1 });
  }
  return counted.map(({ line, times }) => (times > 1 ? `${times} × ${line}` : line));
}

function lineOf(layer: Layer): string {
  switch (layer.kind) {
    case 'convolution': {
      const { size, channels, stride = 1, then = 'batchNorm' } = layer;
      return [
        `${size}×${size} conv ${channels}`,
        ...(stride > 1 ? [`stride ${stride}`] : []),
        ...(then === 'batchNorm' ? ['batch norm'] : []),
      ].join(', ');
    }
    case 'batchNorm':
      return '+ batch norm';
    case 'rectifier':
      return '+ ReLU';
    case 'maxPool':
      return `max pool ${layer.size}×${layer.size}, stride ${layer.stride}`;
    case 'averagePool':
      return `average pool ${layer.size}×${layer.size}, stride ${layer.stride}`;
    case 'globalAverage':
      return 'global average';
    case 'flatten':
      return 'flatten';
    case 'dense':
      return `dense ${layer.units}${layer.batchNorm ? ', batch norm' : ''}`;
    case 'dropout':
      return `+ dropout ${layer.rate}`;
    case 'residual': {
      const sizes = layer.body.flatMap((inner) =>
        inner.kind === 'convolution'
          ? [
              `${inner.size}×${inner.size} conv ${inner.channels}${(inner.stride ?? 1) > 1 ? ` stride ${inner.stride!}` : ''}`,
            ]
          : [],
      );
      return `block: ${linesOfSame(sizes)}`;
    }
    case 'tap':
      return layer.name;
  }
}

const linesOfSame = (texts: readonly string[]): string =>
  new Set(texts).size === 1 ? `${texts.length} × ${texts[0]!}` : texts.join(', ');

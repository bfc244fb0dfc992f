import type { BenchRecord } from './run.ts';
import type { SectionResult } from './section.ts';

/** Colours that people with any colour vision tell apart (Okabe and Ito, 2008), in the order of the variants. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const [WIDTH, HEIGHT] = [440, 300];
const MARGIN = { left: 58, right: 26, top: 34, bottom: 44 };

interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Both axes; a line of slope 1 then means that twice the size takes twice as long. Otherwise both begin at 0. */
  readonly logarithmic: boolean;
  readonly lines: readonly Line[];
}

/** How time grows, as an SVG image of four panels: batch size, width, taps, and size of the data set. */
export function scalingFigure({ sections }: BenchRecord): string {
  const of = (prefix: string, x: (section: SectionResult) => number, y: 'step' | 'epoch'): Line[] => {
    const chosen = sections.filter(({ name }) => name.startsWith(prefix));
    const names = [...new Set(chosen.flatMap(({ variants }) => variants.map(({ name }) => name)))];
    return names.map((name) => ({
      name,
      points: chosen.flatMap((section): [number, number][] => {
        const median = section.variants.find((variant) => variant.name === name)?.train.median;
        if (median === undefined) return [];
        const { batchSize, epochImages = 0 } = section.size;
        return [[x(section), y === 'step' ? (1000 * batchSize) / median : epochImages / median]];
      }),
    }));
  };
  const ms = { y: 'ms a step', logarithmic: true };
  const panels: Panel[] = [
    { ...ms, title: 'Batch size', x: 'images', lines: of('batch', ({ size }) => size.batchSize, 'step') },
    {
      ...ms,
      title: 'Width',
      x: 'channels of stage 1',
      lines: of('widths', ({ size }) => size.widths[0], 'step'),
    },
    {
      ...{ title: 'Taps of the pair loss', x: 'taps', y: 'ms a step', logarithmic: false },
      lines: of('taps', ({ size }) => size.taps, 'step'),
    },
    {
      ...{ title: 'Data set', x: 'images', y: 's an epoch', logarithmic: true },
      lines: of('images', ({ size }) => size.epochImages ?? 0, 'epoch'),
    },
  ];
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const colour = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length]!;
  const drawn = panels
    .filter(({ lines }) => lines.some(({ points }) => points.length > 0))
    .map((panel, i) => {
      const [left, top] = [(i % 2) * WIDTH, Math.floor(i / 2) * HEIGHT + 30];
      return `<g transform="translate(${left} ${top})">\n${panelText(panel, colour)}\n</g>`;
    });
  const legend = names.map(
    (name, i) =>
      `<circle cx="${20 + i * 170}" cy="16" r="5" fill="${colour(name)}"/>` +
      `<text x="${30 + i * 170}" y="20">${name}</text>`,
  );
  const height = Math.ceil(drawn.length / 2) * HEIGHT + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...legend,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function panelText({ title, x, y, logarithmic, lines }: Panel, colour: (name: string) => string): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(([value]) => value))].sort((a, b) => a - b);
  const ys = points.map(([, value]) => value);
  const horizontal = scale(
    logarithmic,
    logarithmic ? xs[0]! : 0,
    xs.at(-1)!,
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const ticks = logarithmic
    ? logarithmicTicks(Math.min(...ys), Math.max(...ys))
    : linearTicks(Math.max(...ys));
  const [lowest, highest] = [ticks[0]!, ticks.at(-1)!];
  const vertical = scale(logarithmic, lowest, highest, HEIGHT - MARGIN.bottom, MARGIN.top);
  const at = (value: number) => value.toFixed(1);
  return [
    `<text x="${MARGIN.left}" y="${MARGIN.top - 14}" font-weight="bold">${title}</text>`,
    ...ticks.map(
      (tick) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at(vertical(tick))}" y2="${at(vertical(tick))}" stroke="#ddd"/>` +
        `<text x="${MARGIN.left - 6}" y="${at(vertical(tick) + 4)}" text-anchor="end">${tick}</text>`,
    ),
    ...xs.map(
      (value) =>
        `<text x="${at(horizontal(value))}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${value}</text>`,
    ),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(14 ${(MARGIN.top + HEIGHT - MARGIN.bottom) / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
    ...lines.map((line) => {
      const path = line.points.map(([px, py]) => `${at(horizontal(px))},${at(vertical(py))}`);
      const dots = path.map((place) => {
        const [cx, cy] = place.split(',');
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour(line.name)}"/>`;
      });
      return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour(line.name)}" stroke-width="1.8"/>${dots.join('')}`;
    }),
  ].join('\n');
}

/** A function from values between `low` and `high` to places between `from` and `to`. */
function scale(logarithmic: boolean, low: number, high: number, from: number, to: number) {
  const f = (value: number) => (logarithmic ? Math.log(value) : value);
  const range = f(high) - f(low);
  return (value: number): number => from + ((to - from) * (f(value) - f(low))) / (range === 0 ? 1 : range);
}

/** 1, 2 and 5 times the powers of ten, from at most the smallest value to at least the largest. */
function logarithmicTicks(smallest: number, largest: number): number[] {
  const first = Math.floor(Math.log10(smallest));
  const last = Math.ceil(Math.log10(largest)) + 1;
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i).flatMap((power) =>
    [1, 2, 5].map((factor) => Number(`${factor}e${power}`)),
  );
  const from = all.findLastIndex((tick) => tick <= smallest);
  const to = all.findIndex((tick) => tick >= largest);
  return all.slice(from, to + 1);
}

/** Five steps from 0 to at least the largest value, of a round number each. */
function linearTicks(largest: number): number[] {
  const step = logarithmicTicks(largest / 5, largest / 5).at(-1)!;
  const count = Math.ceil(largest / step);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

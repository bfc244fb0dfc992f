import type { Layout } from 'plotly.js-dist-min';

import { FONT, PAPER, plotlyText, type Figure } from './theme.ts';

/** An image that a network got wrong. */
export interface Mistake {
  /** The image as a `data:` address, e.g. a PNG. */
  readonly image: string;
  readonly label: string;
  readonly predicted: string;
  /** What the network gave the predicted class, 0 to 1. */
  readonly probability: number;
}

/** Pixels of a picture and of the two lines of words below it. */
const PICTURE = 96;
const WORDS = 44;

/** The mistakes a network was surest of: each image with its class, what it was taken for, and how sure the network was. */
export function worstMistakes(mistakes: readonly Mistake[]): Figure {
  const list = mistakes
    .map(({ label, predicted, probability }) => `${label} taken for ${predicted} (${percent(probability)})`)
    .join('; ');
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        x: [0],
        y: [0],
        marker: { opacity: 0 },
        hoverinfo: 'skip',
        showlegend: false,
      },
    ],
    layout: layoutOf(mistakes, 8, `Worst mistakes: ${list}.`),
    narrowLayout: layoutOf(mistakes, 3, `Worst mistakes: ${list}.`),
    description: `Worst mistakes: ${list}.`,
  };
}

function layoutOf(mistakes: readonly Mistake[], most: number, alt: string): Partial<Layout> {
  const columns = Math.max(1, Math.min(most, mistakes.length));
  const rows = Math.max(1, Math.ceil(mistakes.length / columns));
  const cell = PICTURE + WORDS;
  const place = (i: number) => ({
    x: (i % columns) / columns + 0.5 / columns,
    y: 1 - Math.floor(i / columns) / rows,
  });
  return {
    autosize: true,
    height: rows * cell + 20,
    meta: { alt },
    paper_bgcolor: PAPER,
    plot_bgcolor: PAPER,
    font: FONT,
    margin: { l: 4, r: 4, t: 10, b: 10 },
    xaxis: { visible: false, range: [0, 1], fixedrange: true },
    yaxis: { visible: false, range: [0, 1], fixedrange: true },
    images: mistakes.map(({ image }, i) => ({
      source: image,
      xref: 'paper',
      yref: 'paper',
      x: round(place(i).x),
      y: round(place(i).y),
      xanchor: 'center',
      yanchor: 'top',
      sizex: round(0.9 / columns),
      sizey: round(PICTURE / (rows * cell)),
      sizing: 'contain',
      layer: 'above',
    })) as never,
    annotations: mistakes.map(({ label, predicted, probability }, i) => ({
      text: `${plotlyText(label)}<br>→ <b>${plotlyText(predicted)}</b> ${percent(probability)}`,
      xref: 'paper',
      yref: 'paper',
      x: round(place(i).x),
      y: round(place(i).y - PICTURE / (rows * cell)),
      xanchor: 'center',
      yanchor: 'top',
      yshift: -3,
      showarrow: false,
      font: { size: 11 },
    })),
  };
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

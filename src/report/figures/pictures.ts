import type { Layout } from 'plotly.js-dist-min';

import { placed } from './rounding.ts';
import { FONT, PAPER, type Figure } from './theme.ts';

/** A picture and the words below it. */
export interface CaptionedPicture {
  /** The image as a `data:` address, e.g. a PNG. */
  readonly image: string;
  /** As plotly takes it, names through `plotlyText`: lines are parted by `<br>`. */
  readonly caption: string;
}

/** Pixels of a picture, of a line of its caption, and of the room below. */
const PICTURE = 96;
const LINE = 15;
const BELOW = 14;

/** Pictures side by side, each with its caption: eight in a row on a wide page, three on a narrow one. */
export function captionedPictures(pictures: readonly CaptionedPicture[], description: string): Figure {
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
    layout: layoutOf(pictures, 8, description),
    narrowLayout: layoutOf(pictures, 3, description),
    description,
  };
}

function layoutOf(pictures: readonly CaptionedPicture[], most: number, alt: string): Partial<Layout> {
  const columns = Math.max(1, Math.min(most, pictures.length));
  const rows = Math.max(1, Math.ceil(pictures.length / columns));
  const lines = Math.max(0, ...pictures.map(({ caption }) => caption.split('<br>').length));
  const cell = PICTURE + LINE * lines + BELOW;
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
    images: pictures.map(({ image }, i) => ({
      source: image,
      xref: 'paper',
      yref: 'paper',
      x: placed(place(i).x),
      // On its caption, since on a narrower page it is smaller than its place.
      y: placed(place(i).y - PICTURE / (rows * cell)),
      xanchor: 'center',
      yanchor: 'bottom',
      sizex: placed(0.9 / columns),
      sizey: placed(PICTURE / (rows * cell)),
      sizing: 'contain',
      layer: 'above',
    })) as never,
    annotations: pictures.map(({ caption }, i) => ({
      text: caption,
      xref: 'paper',
      yref: 'paper',
      x: placed(place(i).x),
      y: placed(place(i).y - PICTURE / (rows * cell)),
      xanchor: 'center',
      yanchor: 'top',
      yshift: -3,
      showarrow: false,
      font: { size: 11 },
    })),
  };
}

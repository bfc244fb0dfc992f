// The figures of a dark page: the report's page, the site and the lab extension all run this file.
(function () {
  'use strict';

  // Every colour of src/report/figures and its partner: the same hue, light enough to read on a dark ground. A colour that has
  // none, such as those of scales from little to much, stays.
  const PARTNERS = {
    // Page, writing, lines
    '#ffffff': '#16181c',
    '#222222': '#e6e6e6',
    '#e8e8e8': '#30343a',
    '#888888': '#8a8f98',
    '#bbbbbb': '#5a606a',
    // Arms
    '#0072B2': '#5AA9E6',
    '#D55E00': '#FF8A3D',
    '#009E73': '#2CC69A',
    '#CC79A7': '#E59BC4',
    '#E69F00': '#F5BE3B',
    '#56B4E9': '#A6DCF8',
    '#000000': '#ffffff',
    // Classes
    '#332288': '#8F83E8',
    '#CC6677': '#E58A98',
    '#117733': '#4FB06B',
    '#882255': '#C75A8E',
    '#44AA99': '#5CC7B5',
    '#999933': '#C2C25A',
    '#AA4499': '#CF7FC2',
    '#777777': '#A6A6A6',
  };
  // A figure that says nothing of its ground is drawn for a white one.
  const GROUND = { paper_bgcolor: '#ffffff', plot_bgcolor: '#ffffff' };

  /** `r,g,b` of `#rrggbb`, as an `rgba` has them. */
  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).join(',');

  const SOLID = new Map(Object.entries(PARTNERS).map(([light, dark]) => [light.toLowerCase(), dark]));
  const FADED = new Map(Object.entries(PARTNERS).map(([light, dark]) => [channels(light), channels(dark)]));

  function partner(text) {
    const [, colour, opacity] = /^rgba\((\d+,\d+,\d+),([\d.]+)\)$/.exec(text) || [];
    if (colour === undefined) return SOLID.get(text.toLowerCase()) || text;
    return FADED.has(colour) ? `rgba(${FADED.get(colour)},${opacity})` : text;
  }

  function recoloured(value) {
    if (typeof value === 'string') return partner(value);
    if (Array.isArray(value)) return value.map(recoloured);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, recoloured(inner)]));
  }

  /** Writing on a scale of colours is another one on a dark page: the trace brings it along. */
  const rewritten = (trace) => (trace.meta && trace.meta.inDark ? { ...trace, ...trace.meta.inDark } : trace);

  /** The same figure, `{ data, layout, … }`, for a dark page. The light one is not changed. */
  window.mslInDark = (figure) => {
    const { layout = {} } = figure;
    const font = { color: '#222222', ...layout.font };
    const dark = recoloured({ ...figure, layout: { ...GROUND, ...layout, font } });
    return Array.isArray(dark.data) ? { ...dark, data: dark.data.map(rewritten) } : dark;
  };
})();

import { DARK_COLOURS } from './figures/dark.ts';

/** Texts of a figure's JSON that change on a dark page: `"#rrggbb"`, and the start of `rgba(r,g,b,`. */
const DARK_TEXTS = Object.entries(DARK_COLOURS).flatMap(([light, dark]) => [
  [`"${light}"`, `"${dark}"`],
  [opening(light), opening(dark)],
]);

function opening(colour: string): string {
  return `"rgba(${[1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).join(',')},`;
}

/**
 * What runs in the report's page: draws each figure into its place, below 700 pixels with the panels below each
 * other, light or dark as the reader's system is, on paper light. Plain JavaScript for a browser; it reads the figures
 * from the element `figures`, and calls `mslSpritePanel` where one has images.
 */
export const PAGE_SCRIPT = `
(function () {
  var figures = JSON.parse(document.getElementById('figures').textContent);
  var darkTexts = ${JSON.stringify(DARK_TEXTS)};
  var config = { displaylogo: false, showSendToCloud: false, plotlyServerURL: '', responsive: false,
    modeBarButtonsToRemove: ['lasso2d', 'select2d', 'autoScale2d'] };
  var PAPER = 680; // pixels between the margins of a printed page
  var dark = window.matchMedia('(prefers-color-scheme: dark)');
  function coloured(figure, isDark) {
    var text = JSON.stringify(figure);
    if (isDark) darkTexts.forEach(function (pair) { text = text.split(pair[0]).join(pair[1]); });
    return JSON.parse(text);
  }
  function draw(width) {
    Object.keys(figures).forEach(function (name) {
      var place = document.getElementById(name);
      var wide = (width || place.clientWidth) >= 660;
      var figure = coloured(figures[name], dark.matches && !width);
      var layout = wide ? figure.layout : figure.narrowLayout;
      if (width) layout.width = width;
      layout.meta = figure.layout.meta;
      var drawn = Plotly.react(place, figure.data, layout, config);
      if (figure.frames && !place.hasFrames) {
        place.hasFrames = true;
        drawn.then(function () { Plotly.addFrames(place, figure.frames); });
      }
      if (layout.meta && layout.meta.sprites) mslSpritePanel(place);
    });
  }
  draw();
  var pending;
  var drawnAt = window.innerWidth;
  window.addEventListener('resize', function () {
    if (window.innerWidth === drawnAt) return;
    drawnAt = window.innerWidth;
    clearTimeout(pending);
    pending = setTimeout(function () { draw(); }, 150);
  });
  dark.addEventListener('change', function () { draw(); });
  window.addEventListener('beforeprint', function () { draw(PAPER); });
  window.addEventListener('afterprint', function () { draw(); });
})();
`;

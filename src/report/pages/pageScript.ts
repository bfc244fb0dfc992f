/**
 * What runs in the report's page: draws each figure into its place, below 700 pixels with the panels below each
 * other, light or dark as the reader's system is, on paper light. Plain JavaScript for a browser; it reads the figures
 * from the element `figures`, and calls `mslSpritePanel` where one has images, and `mslInDark` on a dark page.
 */
export const PAGE_SCRIPT = `
(function () {
  var figures = JSON.parse(document.getElementById('figures').textContent);
  var config = { displaylogo: false, showSendToCloud: false, plotlyServerURL: '', responsive: false,
    modeBarButtonsToRemove: ['lasso2d', 'select2d', 'autoScale2d'] };
  var PAPER = 680; // pixels between the margins of a printed page
  var dark = window.matchMedia('(prefers-color-scheme: dark)');
  function draw(width) {
    Object.keys(figures).forEach(function (name) {
      var place = document.getElementById(name);
      var wide = (width || place.clientWidth) >= 660;
      var figure = JSON.parse(JSON.stringify(figures[name])); // plotly.js writes into its arguments
      if (!wide) figure.layout = { ...figure.narrowLayout, meta: figure.layout.meta };
      if (dark.matches && !width) figure = mslInDark(figure);
      var layout = figure.layout;
      if (width) layout.width = width;
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

/**
 * What runs in the report's page: draws each figure into its place, below 700 pixels with the panels below each
 * other. Plain JavaScript for a browser; it reads the figures from the element `figures`.
 */
export const PAGE_SCRIPT = `
(function () {
  var figures = JSON.parse(document.getElementById('figures').textContent);
  var config = { displaylogo: false, showSendToCloud: false, plotlyServerURL: '', responsive: false,
    modeBarButtonsToRemove: ['lasso2d', 'select2d', 'autoScale2d'] };
  var PAPER = 680; // pixels between the margins of a printed page
  function draw(width) {
    Object.keys(figures).forEach(function (name) {
      var place = document.getElementById(name);
      var wide = (width || place.clientWidth) >= 660;
      var figure = figures[name];
      var layout = JSON.parse(JSON.stringify(wide ? figure.layout : figure.narrowLayout));
      if (width) layout.width = width;
      Plotly.react(place, figure.data, layout, config);
    });
  }
  draw();
  var pending;
  var drawnAt = window.innerWidth;
  window.addEventListener('resize', function () {
    if (window.innerWidth === drawnAt) return;
    drawnAt = window.innerWidth;
    clearTimeout(pending);
    pending = setTimeout(draw, 150);
  });
  window.addEventListener('beforeprint', function () { draw(PAPER); });
  window.addEventListener('afterprint', function () { draw(); });
})();
`;

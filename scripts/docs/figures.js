// Draws the figures of a page: as wide as the page allows, with the panels below each other on a narrow one, in the colours of
// the reader's system. `inDark.js` of the lab extension comes before.
(function () {
  const NARROW = 660;
  const dark = window.matchMedia('(prefers-color-scheme: dark)');

  function draw(place) {
    const source = place.querySelector('script').textContent;
    const drawing = place.querySelector('.drawing') ?? place.appendChild(document.createElement('div'));
    drawing.className = 'drawing';
    let figure = JSON.parse(source);
    const room = place.clientWidth;
    const { width, ...layout } = (room < NARROW && figure.narrowLayout) || figure.layout || {};
    // Panels beside each other take all the room; one picture is as wide as it says.
    const wide = layout.autosize === true ? room : Math.min(width ?? room, room);
    figure = { ...figure, layout: { ...layout, width: wide } };
    if (dark.matches) figure = window.mslInDark(figure);
    const own = { displaylogo: false, showSendToCloud: false };
    window.Plotly.react(drawing, figure.data, figure.layout, { ...own, ...figure.config, responsive: false });
  }

  const places = [...document.querySelectorAll('.figure')];
  const drawAll = () => places.forEach(draw);
  drawAll();
  dark.addEventListener('change', drawAll);
  let drawnAt = window.innerWidth;
  let pending;
  window.addEventListener('resize', () => {
    if (window.innerWidth === drawnAt) return;
    drawnAt = window.innerWidth;
    clearTimeout(pending);
    pending = setTimeout(drawAll, 150);
  });
})();

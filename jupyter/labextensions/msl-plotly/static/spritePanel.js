// Shows the image of the point under the mouse beside it, in a figure whose `layout.meta.sprites` holds a sheet of images:
// { source, width, height, columns }, with the point's place in the sheet as the second of its `customdata` (-1: none).
// plotly's own labels take no images. The report's page and the lab extension both run this file.
window.mslSpritePanel = function (place) {
  'use strict';
  if (place.mslSpritePanel) return;
  const SIZE = 112; // pixels of the longer side
  const GAP = 14; // pixels between mouse and image
  const panel = document.createElement('div');
  panel.className = 'msl-sprite';
  panel.setAttribute('aria-hidden', 'true');
  Object.assign(panel.style, {
    position: 'absolute',
    display: 'none',
    pointerEvents: 'none',
    zIndex: '1001',
    border: '2px solid #888888',
    borderRadius: '3px',
    backgroundColor: '#888888',
    imageRendering: 'pixelated',
  });
  place.mslSpritePanel = panel;
  if (window.getComputedStyle(place).position === 'static') place.style.position = 'relative';
  place.append(panel);

  const hide = () => {
    panel.style.display = 'none';
  };
  const show = (event) => {
    const sheet = place.layout && place.layout.meta && place.layout.meta.sprites;
    const point = event.points[0];
    const at = point && point.customdata ? point.customdata[1] : -1;
    if (!sheet || !(at >= 0) || !event.event) return hide();
    // plotly empties the element when it draws anew.
    if (panel.parentNode !== place) place.append(panel);
    const scale = SIZE / Math.max(sheet.width, sheet.height);
    const [width, height] = [sheet.width * scale, sheet.height * scale];
    const box = place.getBoundingClientRect();
    const [x, y] = [event.event.clientX - box.left, event.event.clientY - box.top];
    const column = at % sheet.columns;
    const row = Math.floor(at / sheet.columns);
    const above = y - height - GAP;
    Object.assign(panel.style, {
      display: 'block',
      width: `${width}px`,
      height: `${height}px`,
      left: `${Math.max(0, Math.min(box.width - width - 4, x - width / 2))}px`,
      top: `${above >= 0 ? above : y + GAP}px`,
      backgroundImage: `url("${sheet.source}")`,
      backgroundSize: `${sheet.columns * width}px auto`,
      backgroundPosition: `${-column * width}px ${-row * height}px`,
    });
  };
  place.on('plotly_hover', show);
  place.on('plotly_unhover', hide);
  place.on('plotly_relayouting', hide);
};

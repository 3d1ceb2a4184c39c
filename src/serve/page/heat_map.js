// A map over the image: what counts for a sentence is warm, the rest stays as it is.

/** @typedef {import("./types.d.ts").HeatMap} HeatMap */

// Amber, on light and on dark pixels alike; the strongest place hides a good half of what is below.
const colour = [255, 140, 0];
const strongest = 160;
const pixelsPerCell = 16;

/**
 * Values at or below zero are not drawn: they do not count for the sentence.
 * @param {HTMLCanvasElement} canvas  lies over the image, as large as it is
 * @param {HeatMap | null} map  null: nothing
 */
export function drawMap(canvas, map) {
  canvas.hidden = map === null;
  const context = canvas.getContext("2d");
  if (!map || !context) return;
  const most = Math.max(...map.values);
  const cells = new ImageData(map.columns, map.rows);
  map.values.forEach((value, cell) => {
    const part = most > 0 ? Math.max(0, value) / most : 0;
    cells.data.set([...colour, Math.round(strongest * part)], 4 * cell);
  });
  const small = new OffscreenCanvas(map.columns, map.rows);
  small.getContext("2d")?.putImageData(cells, 0, 0);
  canvas.width = map.columns * pixelsPerCell;
  canvas.height = map.rows * pixelsPerCell;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

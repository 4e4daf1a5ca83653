// The strips of all units in the boxes: a row of colours each, on one canvas that lies over the picture.
import { paint } from "./cell_scale.js";
import { make } from "./page.js";

export class Strips {
  constructor() {
    this.node = make("canvas", { class: "rvl-strips", "aria-hidden": "true" });
    this.pen = this.node.getContext("2d");
    this.line = make("canvas", { height: 1 });
    this.linePen = this.line.getContext("2d", { willReadFrequently: true });
  }

  // `places`: {name, x, y, width, height} of each strip in units of the drawing.
  setup(model, places) {
    this.model = model;
    this.places = places;
  }

  // The size of the picture in pixels, and how many of them a unit of the drawing takes.
  resize(width, height, scale) {
    this.ratio = scale * devicePixelRatio;
    this.node.width = Math.round(width * devicePixelRatio);
    this.node.height = Math.round(height * devicePixelRatio);
  }

  show(t, unit, dark, ink) {
    const { model, pen, ratio } = this;
    if (!ratio) return;
    pen.clearRect(0, 0, this.node.width, this.node.height);
    pen.fillStyle = ink;
    for (const place of this.places) {
      const row = model.row(place.name, t);
      const image = this.pixels(row.length);
      paint(model, place.name, row, dark, image.words);
      this.linePen.putImageData(image.data, 0, 0);
      const [x, y, width, height] = [place.x, place.y, place.width, place.height].map((v) => Math.round(v * ratio));
      pen.imageSmoothingEnabled = row.length > width; // more units than pixels: neighbours are mixed, none left out
      pen.drawImage(this.line, 0, 0, row.length, 1, x, y, width, height);
      if (unit === null || !model.each(place.name) || row.length < 2) continue;
      const least = Math.max(2, width / row.length);
      const at = Math.min(x + ((unit + 0.5) * width) / row.length - least / 2, x + width - least);
      pen.fillRect(Math.round(Math.max(at, x)), y - Math.round(2 * ratio), Math.round(least), Math.round(1.5 * ratio));
      pen.fillRect(Math.round(Math.max(at, x)), y + height + Math.round(0.5 * ratio), Math.round(least), Math.round(1.5 * ratio));
    }
  }

  // The memory of a picture of one line.
  pixels(count) {
    if (this.memory?.words.length !== count) {
      this.line.width = count;
      const data = new ImageData(count, 1);
      this.memory = { data, words: new Uint32Array(data.data.buffer) };
    }
    return this.memory;
  }
}

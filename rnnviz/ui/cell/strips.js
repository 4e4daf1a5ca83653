// The strips of all units in the boxes: a row of colours each, on one canvas that lies over the picture.
import { paint } from "./scale.js";
import { make } from "../page.js";

export class Strips {
  constructor() {
    this.node = make("canvas", { class: "rvl-strips", "aria-hidden": "true" });
    this.pen = this.node.getContext("2d");
    this.line = make("canvas", { height: 1 });
    this.linePen = this.line.getContext("2d", { willReadFrequently: true });
  }

  // `places`: {name, x, y, width, height} of each strip in units of the drawing.
  setup(places) {
    this.places = places;
  }

  // The size of the picture in pixels, and how many of them a unit of the drawing takes.
  resize(width, height, scale) {
    this.ratio = scale * devicePixelRatio;
    this.node.width = Math.round(width * devicePixelRatio);
    this.node.height = Math.round(height * devicePixelRatio);
  }

  show(t, unit, dark, [ink, paper]) {
    const { model, pen, ratio } = this;
    if (!ratio) return;
    pen.clearRect(0, 0, this.node.width, this.node.height);
    pen.strokeStyle = ink;
    pen.fillStyle = paper;
    for (const place of this.places) {
      const row = model.row(place.name, t);
      const image = this.pixels(row.length);
      paint(model, place.name, row, dark, image.words);
      this.linePen.putImageData(image.data, 0, 0);
      const [x, y, width, height] = [place.x, place.y, place.width, place.height].map((v) => Math.round(v * ratio));
      // A rim of paper keeps the strip apart from its box, which may have the same colour.
      pen.fillRect(x - 1, y - 1, width + 2, height + 2);
      pen.imageSmoothingEnabled = row.length > width; // more units than pixels: neighbours are mixed, none left out
      pen.drawImage(this.line, 0, 0, row.length, 1, x, y, width, height);
      if (unit === null || !model.each(place.name) || row.length < 2) continue;
      this.mark(x, y, width, height, (unit + 0.5) / row.length, width / row.length);
    }
  }

  // The unit that is shown, framed; at least as large as can be seen.
  mark(x, y, width, height, share, each) {
    const { pen, ratio } = this;
    const [half, line] = [Math.max(each / 2, 1.5 * ratio), Math.max(1, Math.round(ratio))];
    const middle = Math.min(Math.max(x + share * width, x + half), x + width - half);
    pen.lineWidth = line;
    const left = Math.round(middle - half) - line / 2;
    pen.strokeRect(left, y - line / 2 - 1, Math.round(2 * half) + line, height + line + 2);
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

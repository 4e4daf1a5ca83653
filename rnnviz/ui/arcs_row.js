// The step on a heat map beside the picture: its row is framed, and a click on a row leads to its step.
import { drawn } from "./page.js";

const heard = new WeakMap(); // charts, and who listens to them

export class Row {
  constructor(go) {
    this.go = go;
    this.frame = drawn("rect", { class: "rva-row" });
    this.svg = drawn("svg", { class: "rvc-overlay rva-over-chart", "aria-hidden": "true" });
    this.svg.append(this.frame);
  }

  show(key, step) {
    this.key = key;
    this.step = step;
    const gd = key ? document.querySelector(`.st-key-${CSS.escape(key)} .js-plotly-plot`) : null;
    const { xaxis: x, yaxis: y } = gd?._fullLayout ?? {};
    if (!x?._length || !y?._length) return this.svg.remove();
    if (this.svg.parentNode !== gd.parentNode) gd.parentNode.append(this.svg);
    this.listen(gd);
    const [top, bottom] = [this.pixel(y, step - 0.5), this.pixel(y, step + 0.5)].sort((a, b) => a - b);
    const inside = (at) => Math.min(Math.max(at, y._offset), y._offset + y._length);
    const high = inside(bottom) - inside(top);
    const place = { x: x._offset - 1, width: x._length + 2, y: inside(top), height: Math.max(high, 0) };
    for (const [name, value] of Object.entries(place)) this.frame.setAttribute(name, value);
    this.frame.setAttribute("visibility", high > 0 ? "visible" : "hidden"); // zoomed out of sight
  }

  // Pixels from the axis as it stands, so that it holds after a zoom.
  pixel(axis, value) {
    const [from, to] = axis.range.map(Number);
    return axis._offset + axis._length * (1 - (value - from) / (to - from));
  }

  listen(gd) {
    const known = heard.get(gd);
    heard.set(gd, this); // the last one is heard: the picture may have been mounted anew beside the same chart
    if (known) return;
    gd.on("plotly_afterplot", () => heard.get(gd).again());
    gd.on("plotly_click", ({ points: [point] }) => {
      if (Number.isFinite(point?.y)) heard.get(gd).go(Math.round(point.y));
    });
  }

  again() {
    if (this.svg.isConnected) this.show(this.key, this.step);
  }

  remove() {
    this.svg.remove();
  }
}

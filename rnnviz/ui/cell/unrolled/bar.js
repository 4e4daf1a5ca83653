// All steps of a run in one bar: the state of the unit, or how much of the gradient reaches each step. The part that is
// seen above it is framed; a click or a drag sets the time.
import { colour } from "../scale.js";
import { css, make } from "../../page.js";

const ROWS = 12; // of units, where all of them are shown

export class Bar {
  constructor(go) {
    this.go = go;
    this.picture = make("canvas", { class: "rvl-u-all" });
    this.frame = make("span", { class: "rvl-u-window" });
    this.mark = make("span", { class: "rvl-u-mark" });
    this.node = make("div", { class: "rvl-u-bar", "aria-hidden": "true" }, this.picture, this.frame, this.mark);
    const move = (event) => {
      const { left, width } = this.node.getBoundingClientRect();
      const t = Math.floor(((event.clientX - left) / width) * this.T);
      this.go(Math.min(Math.max(t, 0), this.T - 1));
    };
    this.node.onpointerdown = (event) => {
      if (event.button) return;
      this.node.setPointerCapture(event.pointerId);
      this.node.onpointermove = move;
      move(event);
    };
    this.node.onlostpointercapture = () => { this.node.onpointermove = null; };
  }

  paint({ model, norms, unit, dark }, backward, width) {
    const scale = window.devicePixelRatio || 1;
    this.T = model.T;
    this.width = width;
    const { picture } = this;
    picture.width = Math.round(width * scale);
    picture.height = Math.round(this.node.clientHeight * scale);
    const pen = picture.getContext("2d");
    const at = (t) => Math.round((t * picture.width) / model.T);
    const put = (t, from, to) => pen.fillRect(at(t), from, at(t + 1) - at(t), to - from);
    if (backward) {
      const [ink, lost] = [css(this.node, "--rvl-gradient"), css(this.node, "--rvl-lost")];
      for (let t = 0; t <= norms.last; t++) {
        const kind = norms.kind("h", t);
        pen.globalAlpha = kind === "lost" ? 1 : (norms.share("h", t) ?? 0);
        pen.fillStyle = kind === "lost" ? lost : ink;
        // What underflowed is no shade of the scale: a thin line along the middle.
        if (kind === "lost") put(t, 0.4 * picture.height, 0.6 * picture.height);
        else if (pen.globalAlpha > 0) put(t, 0, picture.height);
      }
      return;
    }
    const rows = unit === null ? Math.min(model.H, ROWS) : 1;
    for (let t = 0; t < model.T; t++) {
      const row = model.row("h", t);
      for (let k = 0; k < rows; k++) {
        pen.fillStyle = colour(model, "h", row[unit ?? Math.floor((k * model.H) / rows)], dark);
        put(t, Math.round((k * picture.height) / rows), Math.round(((k + 1) * picture.height) / rows));
      }
    }
  }

  // From and to are places between steps.
  show(at, from, to) {
    const px = this.width / this.T;
    const left = Math.max(from, 0) * px;
    this.frame.style.transform = `translateX(${left}px)`;
    const width = `${(Math.min(to, this.T) * px - left).toFixed(1)}px`; // the same nearly always, and a layout else
    if (this.wide !== width) this.frame.style.width = this.wide = width;
    this.mark.style.transform = `translateX(${(at + 0.5) * px}px)`;
  }
}

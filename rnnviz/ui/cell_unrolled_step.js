// One step of the network over time: its cell with a stripe for each unit, what it reads below, what it makes above, and
// what lies between it and the next step. A step that scrolls out of sight is used again for one that comes in.
import { colour, thickness } from "./cell_scale.js";
import { drawn, make } from "./page.js";

const MOST = { 1: 24, 2: 16 }; // stripes of a panel, by the number of panels; beyond them units merge
const BAND = 7; // pixels of the chosen unit's stripe
const WIDEST = 9; // pixels of the arrow of a gradient at the top of its scale
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };

export const visible = (symbol) => SIGNS[symbol] ?? symbol;

// The stripes of a row of numbers, as [value, from, to] with places from 0 to 1: means of neighbours where there are too
// many, and the chosen unit as a band of its own.
export function stripes(row, unit, most, band) {
  const each = Math.ceil(row.length / most);
  const count = Math.ceil(row.length / each);
  const chosen = unit === null || row.length === 1 ? null : unit;
  const room = chosen === null ? 1 : 1 - band;
  const middle = chosen === null ? 1 : ((chosen + 0.5) / row.length) * room;
  const found = [];
  for (let k = 0; k < count; k++) {
    const part = row.subarray(k * each, (k + 1) * each);
    const value = part.reduce((sum, one) => sum + one, 0) / part.length;
    const [from, to] = [k, k + 1].map((place) => (place / count) * room);
    // What lies below the band makes way for it.
    if (from < middle) found.push([value, from, Math.min(to, middle)]);
    if (to > middle) found.push([value, Math.max(from, middle) + band, to + band]);
  }
  if (chosen !== null) found.push([row[chosen], middle, middle + band]);
  return found;
}

export class Step {
  constructor(panels) {
    this.panels = panels; // "h", or "c" over "h": the memory runs along the top
    this.time = make("span", { class: "rvl-u-t" });
    this.loss = make("span", { class: "rvl-u-where" }, "loss");
    this.number = make("span", { class: "rvl-u-number" });
    this.norm = make("span", { class: "rvl-u-norm" });
    this.picture = make("canvas", { class: "rvl-u-stripes" });
    this.charges = panels.map(() => make("span", { class: "rvl-u-charge" }));
    this.box = make("span", { class: "rvl-u-box" }, this.picture, ...this.charges);
    this.on = panels.map(() => drawn("path", { class: "rvl-u-on" }));
    this.back = panels.map(() => drawn("path", { class: "rvl-u-back" }));
    this.lanes = drawn("svg", { class: "rvl-u-lanes" });
    this.lanes.append(...this.on, ...this.back);
    this.input = make("canvas", { class: "rvl-u-input" });
    this.read = make("span", { class: "rvl-u-read" });
    this.node = make("div", { class: "rvl-u-step" },
      this.time, this.loss, this.number, this.norm, this.box, this.lanes, this.input, this.read);
    this.t = null;
  }

  place({ pitch, box, high, least }) {
    this.pitch = pitch;
    this.size = { box, high, gap: pitch - box, least };
    const { style } = this.node;
    style.width = `${pitch}px`;
    style.setProperty("--box", `${box}px`);
    const scale = window.devicePixelRatio || 1;
    for (const [canvas, width, height] of [[this.picture, box, high], [this.input, box, 4]]) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    this.lanes.setAttribute("width", this.size.gap);
    this.lanes.setAttribute("height", high);
  }

  // Everything that a step shows, forward and backward; the way alone decides what of it is seen.
  fill(t, { model, norms, unit, dark }) {
    if (this.t !== t) this.node.style.transform = `translateX(${t * this.pitch}px)`;
    this.t = t;
    const h = model.number("h", t, unit);
    const { dataset } = this.node;
    Object.assign(dataset, { t, value: h });
    say(this.time, t + 1);
    this.node.classList.toggle("rvl-u-loss", norms.scored.includes(t));
    say(this.number, Number.isFinite(h) ? h.toFixed(2).replace(/-(?=.*[1-9])/, "−").replace("-", "") : "–");
    this.paint(model, t, unit, dark);
    this.panels.forEach((name, k) => this.join(name, k, t, model, norms, unit));
    const label = model.labels?.[t];
    const x = model.row("x", t);
    const symbol = label !== undefined && [...label].length === 1;
    say(this.read, symbol ? visible(label) : x.length === 1 ? brief(x[0]) : "");
    this.read.classList.toggle("rvl-u-symbol", symbol);
    if (norms.any) {
      Object.assign(dataset, { norm: norms.value("h", t), kind: norms.kind("h", t) });
      say(this.norm, norms.short("h", t));
    } else delete dataset.norm;
  }

  paint(model, t, unit, dark) {
    const { width, height } = this.picture;
    const pen = this.picture.getContext("2d");
    pen.clearRect(0, 0, width, height);
    const split = this.panels.length > 1 ? Math.max(1, Math.round(height / 40)) : 0;
    const each = (height - split * (this.panels.length - 1)) / this.panels.length;
    const band = (BAND * height) / this.size.high / each;
    this.panels.forEach((name, k) => {
      const top = k * (each + split);
      for (const [value, from, to] of stripes(model.row(name, t), unit, MOST[this.panels.length], band)) {
        const [y, end] = [from, to].map((place) => Math.round(top + place * each));
        pen.fillStyle = colour(model, name, value, dark);
        pen.fillRect(0, y, width, end - y);
      }
    });
    const row = model.row("x", t);
    const below = this.input.getContext("2d");
    below.clearRect(0, 0, this.input.width, this.input.height);
    row.forEach((value, d) => {
      const [from, to] = [d, d + 1].map((place) => Math.round((place * this.input.width) / row.length));
      below.fillStyle = colour(model, "x", value, dark);
      below.fillRect(from, 0, to - from, this.input.height);
    });
  }

  // What is handed on to the next step, and what of the gradient comes back from there, along one lane.
  join(name, k, t, model, norms, unit) {
    const { gap, high } = this.size;
    const y = (high * (k + 0.5)) / this.panels.length;
    const [from, to] = [1.5, gap - 1.5];
    const handed = t < model.T - 1;
    put(this.on[k], { d: handed ? arrow(from, to, y, thickness(model, name, model.size(name, t, unit))) : "" });
    if (!norms.has(name)) return void put(this.back[k], { d: "" });
    const kind = norms.kind(name, t);
    const share = norms.share(name, t);
    const main = name === "h";
    const widest = (main ? WIDEST : 0.6 * WIDEST) * Math.min(1, high / this.panels.length / 20);
    // From the loss on nothing comes back over the gap.
    const comes = t < norms.last && handed;
    put(this.back[k], {
      d: !comes ? "" : kind === "lost" ? cross(gap / 2, y) : kind === "zero" ? ring(gap / 2, y)
        : share === null ? thread(to, from, y) : arrow(to, from, y, 1 + (widest - 1) * share),
      "data-kind": !comes ? "none" : kind === "number" && share === null ? "below" : kind,
    });
    this.back[k].style.opacity = share === null ? "" : 0.35 + 0.65 * share;
    this.charges[k].style.height = `${(100 * (share ?? 0)) / this.panels.length}%`;
    this.charges[k].style.bottom = `${(100 * (this.panels.length - 1 - k)) / this.panels.length}%`;
  }
}

function brief(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size >= 1000 ? value.toExponential(0).replace("e+", "e")
    : String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
  return text.replace("-", "−");
}

function say(node, words) {
  const text = String(words);
  if (node.textContent !== text) node.textContent = text;
}

function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export const short = (value) => Math.round(10 * value) / 10;

// A shaft and a head, as one shape to be filled; the head never wider than what it has to point with.
function arrow(from, to, y, width) {
  const way = Math.sign(to - from);
  const head = Math.min(3 + 0.6 * width, Math.abs(to - from) * 0.6);
  const neck = to - way * head;
  const half = width / 2;
  const wing = half + 1.5 + 0.15 * width;
  const at = (x, dy) => `${short(x)} ${short(y + dy)}`;
  return `M${at(from, -half)}L${at(neck, -half)}L${at(neck, -wing)}L${at(to, 0)}L${at(neck, wing)}L${at(neck, half)}`
    + `L${at(from, half)}Z`;
}

// What is too little for the scale.
const thread = (from, to, y) => `M${short(from)} ${short(y)}L${short(to)} ${short(y)}m3 -2.5l-3 2.5l3 2.5`;
const cross = (x, y) => `M${short(x - 3)} ${short(y - 3)}l6 6m0 -6l-6 6`;
const ring = (x, y) => `M${short(x - 3)} ${short(y)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`;

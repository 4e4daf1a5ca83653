// One step of the network over time: its cell with a stripe for each unit, what it reads below, what it makes above, and
// what lies between it and the next step. A step that scrolls out of sight is used again for one that comes in.
import { colour, thickness } from "../scale.js";
import { drawn, make } from "../../page.js";

const MOST = { 1: 24, 2: 16 }; // stripes of a panel, by the number of panels; of more units each second (third ...)
const BAND = 7; // pixels of the chosen unit's stripe
const WIDE = 64; // pixels of a step from which its number has all digits
const WIDEST = 9; // pixels of the arrow of a gradient at the top of its scale
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };

export const visible = (symbol) => SIGNS[symbol] ?? symbol;

// Of how many units one has a stripe. A mean of them would be near 0 whatever they do.
export const every = (units, panels) => Math.ceil(units / MOST[panels]);

// The stripes of a row of numbers, as [value, from, to] with places from 0 to 1, one for each unit or every `each`-th, and
// the chosen unit as a band of its own.
export function stripes(row, unit, each, band) {
  const count = Math.ceil(row.length / each);
  const chosen = unit === null || row.length === 1 ? null : unit;
  const room = chosen === null ? 1 : 1 - band;
  const middle = chosen === null ? 1 : ((chosen + 0.5) / row.length) * room;
  const found = [];
  for (let k = 0; k < count; k++) {
    const value = row[k * each];
    const [from, to] = [k, k + 1].map((place) => (place / count) * room);
    // What lies below the band makes way for it.
    if (from < middle) found.push([value, from, Math.min(to, middle)]);
    if (chosen !== null && from <= middle && middle < to) found.push([row[chosen], middle, middle + band]);
    if (to > middle) found.push([value, Math.max(from, middle) + band, to + band]);
  }
  return found;
}

export class Step {
  constructor(panels) {
    this.panels = panels; // "h", or "c" over "h": the memory runs along the top
    this.time = make("span", { class: "rvl-u-t" });
    this.loss = make("span", { class: "rvl-u-where" }, "loss");
    this.number = make("span", { class: "rvl-u-number" });
    this.norm = make("span", { class: "rvl-u-norm" });
    this.picture = make("span", { class: "rvl-u-stripes" });
    this.charges = panels.map(() => make("span", { class: "rvl-u-charge" }));
    this.box = make("span", { class: "rvl-u-box" }, this.picture, ...this.charges);
    this.on = panels.map(() => drawn("path", { class: "rvl-u-on" }));
    this.back = panels.map(() => drawn("path", { class: "rvl-u-back" }));
    this.lanes = drawn("svg", { class: "rvl-u-lanes" });
    this.lanes.append(...this.on, ...this.back);
    this.input = make("span", { class: "rvl-u-input" });
    this.read = make("span", { class: "rvl-u-read" });
    this.node = make("div", { class: "rvl-u-step" },
      this.time, this.loss, this.number, this.norm, this.box, this.lanes, this.input, this.read);
    this.t = null;
  }

  place({ pitch, box, high }) {
    this.pitch = pitch;
    this.size = { box, high, gap: pitch - box };
    const { style } = this.node;
    style.width = `${pitch}px`;
    style.setProperty("--box", `${box}px`);
    this.lanes.setAttribute("width", this.size.gap);
    this.lanes.setAttribute("height", high);
  }

  // Everything that a step shows, forward and backward; the way alone decides what of it is seen.
  fill(t, { model, norms, unit, dark, digits }) {
    if (this.t !== t) this.node.style.left = `${Math.round(t * this.pitch)}px`;
    this.t = t;
    const h = model.number("h", t, unit);
    const { dataset } = this.node;
    Object.assign(dataset, { t, value: h });
    say(this.time, t + 1);
    this.node.classList.toggle("rvl-u-loss", norms.scored.includes(t));
    say(this.number, Math.abs(h) < 100 ? fixed(h, this.pitch < WIDE ? 2 : digits) : brief(h));
    this.paint(model, t, unit, dark);
    this.panels.forEach((name, k) => this.join(name, k, t, model, norms, unit));
    const label = model.labels?.[t];
    this.node.title = label === undefined ? `t = ${t + 1}` : `t = ${t + 1}: ${visible(label)}`;
    const x = model.row("x", t);
    const symbol = label !== undefined && [...label].length === 1;
    say(this.read, symbol ? visible(label) : x.length === 1 ? brief(x[0]) : "");
    this.read.classList.toggle("rvl-u-symbol", symbol);
    if (norms.any) {
      Object.assign(dataset, { norm: norms.value("h", t), kind: norms.kind("h", t) });
      say(this.norm, norms.short("h", t));
    } else delete dataset.norm;
  }

  // Stripes are the hard stops of a gradient: a canvas in each step costs four times as much to scroll.
  paint(model, t, unit, dark) {
    const { panels, size: { high } } = this;
    const split = panels.length > 1 ? 1 : 0;
    const each = (high - split) / panels.length;
    const stops = panels.flatMap((name, k) => {
      const top = k * (each + split);
      const found = stripes(model.row(name, t), unit, every(model.H, panels.length), BAND / each);
      return found.map(([value, from, to]) => stop(colour(model, name, value, dark), top + from * each, top + to * each));
    });
    if (split) stops.splice(stops.length / 2, 0, stop("transparent", each, each + split));
    this.picture.style.background = `linear-gradient(${stops.join()})`;
    const row = [...model.row("x", t)];
    const wide = this.size.box / row.length;
    const marks = row.map((value, d) => stop(colour(model, "x", value, dark), d * wide, (d + 1) * wide));
    this.input.style.background = `linear-gradient(90deg, ${marks.join()})`;
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

// "−0.10", but never "−0.00".
const fixed = (value, digits) => value.toFixed(digits).replace(/^-(?=.*[1-9])/, "−").replace("-", "");

function brief(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text = size >= 1000 ? value.toExponential(0).replace("e+", "e")
    : String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
  return text.replace("-", "−");
}

const device = (px) => Math.round(px * window.devicePixelRatio) / window.devicePixelRatio;
const stop = (shade, from, to) => `${shade} ${device(from)}px ${device(to)}px`;

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

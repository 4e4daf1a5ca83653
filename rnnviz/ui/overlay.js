// The cursor, the heads and the trails: an SVG above the chart, so that moving in time redraws nothing of Plotly's.
import { drawn } from "./page.js";

const MOST_LINES = 8;

// Pixels of a value on an axis, from its present range: it holds during zoom and pan, before Plotly has finished.
function place(axis, value) {
  const [from, to] = axis.range.map((end) => axis.r2l(end));
  const share = (axis.d2l(value) - from) / (to - from);
  return axis._offset + axis._length * (axis._id[0] === "x" ? share : 1 - share);
}

const blend = (a, b, share) => a + (b - a) * share;

// Which point of a line is that of step 0; undefined where its points are not steps. Lines with as many points as
// there are steps start with step 0; others may begin with a start state or end with the loss, and count by one.
function firstStep({ x, y, mode, type, meta }, { steps, first }) {
  if (type !== "scatter" || !mode?.includes("lines") || meta?.fit) return undefined;
  const count = y?.length;
  if (count === steps) return 0;
  const even = count > 1 && count <= steps + 1 && x?.[1] - x?.[0] === 1 && x[count - 1] - x[0] === count - 1;
  return even ? first - x[0] : undefined;
}

// The axis that a trace names by "x", "y2", ... or not at all.
export const axisOf = (full, id, letter) => full[`${letter}axis${(id ?? letter).slice(1)}`];

export class Overlay {
  constructor() {
    this.svg = drawn("svg", { class: "rvc-overlay", "aria-hidden": "true" });
    this.cursors = [];
    this.dots = [];
    this.paths = [];
  }

  // Read the drawn chart: which subplots carry a cursor, which lines a dot, which paths a head.
  setup(gd, time, ground) {
    this.gd = gd;
    this.time = time;
    this.svg.replaceChildren();
    this.cursors = [];
    this.dots = [];
    this.paths = [];
    const full = gd._fullLayout;
    if (!time || !full) return;
    const drawnTraces = gd._fullData.filter((trace) => trace.visible === true && (trace.x || trace.z));
    for (const id of full._subplots.cartesian) {
      const plot = full._plots[id];
      if (!time.axes.includes(plot.xaxis._id)) continue;
      const own = drawnTraces.find((trace) => (trace.xaxis ?? "x") === plot.xaxis._id && trace.x?.length === time.steps);
      const line = this.add("rect", { class: "rvc-cursor", x: -0.75, width: 1.5 });
      this.cursors.push({ line, x: plot.xaxis, y: plot.yaxis, own });
    }
    const lines = drawnTraces.map((trace) => ({ trace, start: firstStep(trace, time) }))
      .filter(({ trace, start }) => start !== undefined && time.axes.includes(trace.xaxis ?? "x"));
    for (const { trace, start } of lines.length <= MOST_LINES ? lines : []) {
      this.dots.push({ trace, start, dot: this.add("circle", { r: 4, fill: trace.line.color, stroke: ground, "stroke-width": 1.5 }) });
    }
    for (const trail of time.trails) {
      const trace = gd._fullData[trail.trace];
      if (trace?.type !== "scatter" && trace?.type !== "scattergl") continue;
      if (trace.visible !== true) continue;
      const colour = trace.line?.color ?? trace.marker?.color;
      const ink = typeof colour === "string" ? colour : "var(--st-primary-color)";
      const path = this.add("path", { class: "rvc-trail", stroke: ink });
      const head = this.add("circle", { class: "rvc-head", r: trail.head, fill: ink, stroke: ground });
      this.paths.push({ trail, trace, path, head });
    }
  }

  add(tag, attributes) {
    const node = drawn(tag, attributes);
    this.svg.append(node);
    return node;
  }

  move(place) {
    if (!this.time || !this.gd?._fullLayout) return;
    // Between the arrival of a longer run and its drawing the time may lie beyond the chart that still stands.
    const at = Math.min(place, this.time.steps - 1);
    for (const cursor of this.cursors) this.moveCursor(cursor, at);
    for (const dot of this.dots) this.moveDot(dot, Math.round(at));
    for (const path of this.paths) this.moveHead(path, at);
  }

  moveCursor({ line, x, y, own }, at) {
    const places = own?.x;
    const t = Math.floor(at);
    const from = places ? places[t] : this.time.first + t;
    const to = places ? places[Math.min(t + 1, places.length - 1)] : from + 1;
    const value = typeof from === "number" ? blend(from, to, at - t) : from;
    const px = place(x, value);
    const inside = px >= x._offset - 0.5 && px <= x._offset + x._length + 0.5; // false for NaN
    line.style.display = inside ? "" : "none";
    if (!inside) return;
    line.setAttribute("transform", `translate(${px.toFixed(2)} 0)`);
    line.setAttribute("y", y._offset);
    line.setAttribute("height", y._length);
  }

  moveDot({ trace, start, dot }, t) {
    const value = trace.y[start + t];
    const [x, y] = this.spot(trace, trace.x ? trace.x[start + t] : this.time.first + t, value);
    this.put(dot, trace, x, y);
  }

  spot(trace, x, y) {
    const full = this.gd._fullLayout;
    return [place(axisOf(full, trace.xaxis, "x"), x), place(axisOf(full, trace.yaxis, "y"), y)];
  }

  put(node, trace, x, y) {
    const full = this.gd._fullLayout;
    const [ax, ay] = [axisOf(full, trace.xaxis, "x"), axisOf(full, trace.yaxis, "y")];
    const inside = Number.isFinite(x) && Number.isFinite(y) && x >= ax._offset - 1 && x <= ax._offset + ax._length + 1
      && y >= ay._offset - 1 && y <= ay._offset + ay._length + 1;
    node.style.display = inside ? "" : "none";
    if (inside) node.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
  }

  moveHead({ trail, trace, path, head }, at) {
    const t = Math.floor(at);
    const point = (i) => this.spot(trace, trace.x[trail.start + i], trace.y[trail.start + i]);
    let [x, y] = point(t);
    if (at > t && t + 1 < this.time.steps) {
      const next = point(t + 1);
      [x, y] = [blend(x, next[0], at - t), blend(y, next[1], at - t)];
    }
    const points = [];
    for (let i = Math.max(0, t - trail.window + 1); i <= t; i++) points.push(point(i));
    points.push([x, y]);
    const good = points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
    path.setAttribute("d", good.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join(""));
    this.put(head, trace, x, y);
    path.style.display = head.style.display;
  }

  // The values at the cursor in words, for charts with a few named lines.
  values(at) {
    const t = Math.round(at);
    const named = this.dots.filter(({ trace, start }) => trace.name && trace.y[start + t] !== undefined);
    return named.map(({ trace, start }) => `${plain(trace.name)} ${short(trace.y[start + t])}`).join("   ");
  }
}

const plain = (name) => name.replace(/<[^>]*>/g, "");

export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replaceAll("-", "−").replace("e+", "e");
  return value.toFixed(size < 10 ? 3 : 1).replace("-", "−");
}

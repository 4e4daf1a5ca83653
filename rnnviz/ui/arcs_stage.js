// The picture of one step: what was read below, what is said above, a line for each weight between them.
import { drawn, make } from "./page.js";

const [MOST, PRESENT] = [46, 66]; // pixels of a symbol's frame, at a desk and projected
const FULL = 15; // width in pixels of the line of a weight of 1: the scale is fixed
const TOLD = 0.05; // weights from here on have their number under them, where there is room for it
const ROOM = 28; // pixels that a number takes
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };

export const visible = (symbol) => SIGNS[symbol] ?? symbol;

// Which place has the largest weight.
const strongest = (row) => row.reduce((best, weight, s) => (weight > row[best] ? s : best), 0);

const number = (value, digits = 2) => (value === null ? "no number" : value.toFixed(digits));

// What happens at a step, in a sentence.
export function words({ source, said, stop, truth, right, sure, weights }, step) {
  const name = (symbol) => (symbol === stop ? "the end" : `“${visible(symbol)}”`);
  const p = number(sure[step]);
  const head = `Says ${name(said[step])} with probability ${p}`;
  const wrong = right[step] ? "" : truth[step] === null ? ", where nothing more should come" : `, should be ${name(truth[step])}`;
  if (!weights) return `${head}${wrong}. The same c at every step.`;
  const s = strongest(weights[step]);
  return `${head}${wrong}. Looks most at “${visible(source[s])}”, place ${s + 1}: ${number(weights[step][s])}.`;
}

export class Stage {
  constructor(go) {
    this.go = go;
    this.svg = drawn("svg", { class: "rva-svg", role: "img" });
    this.node = make("div", { class: "rva-stage", tabindex: 0, "aria-label": "Steps of decoding: use the arrow keys",
      role: "group" }, this.svg);
  }

  // All that stays while the steps change: a frame for each symbol, a line and a number for each place.
  setup(data) {
    this.data = data;
    this.most = data.present ? PRESENT : MOST;
    this.hovered = null;
    const add = (tag, attributes, words) => {
      const node = drawn(tag, attributes);
      if (words !== undefined) node.textContent = words;
      this.svg.append(node);
      return node;
    };
    this.svg.replaceChildren();
    this.lines = data.source.map((_, s) => add("path", { class: "rva-line", "data-place": s }));
    this.made = data.weights ? [] : data.made.map(() => add("path", { class: "rva-made" }));
    this.context = data.weights ? null : { frame: add("rect", { class: "rva-context", rx: 8 }),
      text: add("text", { class: "rva-symbol" }, "c"), line: add("path", { class: "rva-told" }) };
    const symbol = (kind) => (text) => ({ frame: add("rect", { class: `rva-frame rva-${kind}`, rx: 7 }),
      text: add("text", { class: "rva-symbol" }, text === data.stop && kind === "said" ? "end" : visible(text)) });
    this.source = data.source.map(symbol("source"));
    this.said = data.said.map(symbol("said"));
    this.truth = data.truth.map((text, m) => add("text", { class: "rva-truth" },
      data.right[m] ? "" : text === null ? "✗" : `≠ ${text === data.stop ? "end" : visible(text)}`));
    this.numbers = data.source.map((_, s) => add("text", { class: "rva-number", "data-place": s }));
    this.names = [add("text", { class: "rva-name" }, "says"), add("text", { class: "rva-name" }, "has read")];
    this.source.forEach(({ frame }, s) => this.pointed([frame, this.lines[s]], s));
    this.said.forEach(({ frame }, m) => { frame.onclick = () => this.go(m); });
  }

  pointed(nodes, s) {
    for (const node of nodes) {
      node.onpointerenter = () => { this.hovered = s; this.show(this.step); };
      node.onpointerleave = () => { this.hovered = null; this.show(this.step); };
    }
  }

  // Where everything stands, from the width that there is.
  layout() {
    const { clientWidth: width, clientHeight: height } = this.node;
    const most = this.most;
    const spread = (count) => {
      const room = Math.min((width - 8) / count, most + 14);
      return { at: (k) => width / 2 + (k - (count - 1) / 2) * room, size: Math.min(room - 3, most), room };
    };
    const [below, above] = [spread(this.source.length), spread(Math.max(this.said.length, this.data.wanted))];
    const place = { top: 40 + most / 2, bottom: height - 30 - most / 2, below, above, width };
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const put = (symbols, { at, size }, y) => symbols.forEach(({ frame, text }, k) => {
      set(frame, { x: at(k) - size / 2, y: y - most / 2, width: size, height: most });
      set(text, { x: at(k), y });
      text.style.fontSize = `${Math.min(0.62 * most, Math.max((text.textContent.length > 1 ? 0.44 : 0.72) * size, 11))}px`;
    });
    put(this.source, below, place.bottom);
    put(this.said, above, place.top);
    this.truth.forEach((node, m) => set(node, { x: above.at(m), y: place.top - most / 2 - 7 }));
    this.numbers.forEach((node, s) => set(node, { x: below.at(s), y: place.bottom + most / 2 + 18 }));
    set(this.names[0], { x: 8, y: 20 });
    set(this.names[1], { x: 8, y: place.bottom - most / 2 - 10 });
    return place;
  }

  show(step) {
    if (!this.data || !this.node.clientWidth) return;
    this.step = step;
    const { data } = this;
    const place = this.layout();
    const [from, to] = [place.top + this.most / 2 + 2, place.bottom - this.most / 2 - 2];
    const between = (x, start, goal, end) => {
      const middle = (start + end) / 2;
      return `M${x} ${start}C${x} ${middle} ${goal} ${middle} ${goal} ${end}`;
    };
    const x = place.above.at(step);
    const row = data.weights?.[step];
    const most = row ? strongest(row) : -1;
    this.lines.forEach((line, s) => {
      const weight = row?.[s] ?? 0;
      set(line, { d: row ? between(x, from, place.below.at(s), to) : "", "data-weight": row ? weight : "" });
      line.style.strokeWidth = Math.max(FULL * weight, 1);
      line.style.strokeOpacity = this.hovered === s ? 1 : 0.1 + 0.85 * weight;
      line.classList.toggle("rva-over", this.hovered === s);
      const told = row && ((weight >= TOLD && place.below.room > ROOM) || s === (this.hovered ?? most));
      this.numbers[s].textContent = told ? number(weight, this.hovered === s ? 3 : 2) : "";
      this.numbers[s].classList.toggle("rva-most", s === (this.hovered ?? most));
      this.source[s].frame.classList.toggle("rva-true", data.at[step] === s);
      this.source[s].frame.style.fillOpacity = row ? 0.85 * weight : 0;
      this.source[s].text.classList.toggle("rva-onto", row !== undefined && weight > 0.55);
    });
    if (this.context) this.showContext(place, between, x, from, to);
    this.said.forEach(({ frame, text }, m) => {
      for (const node of [frame, text, this.truth[m]]) {
        node.classList.toggle("rva-now", m === step);
        node.classList.toggle("rva-later", m > step);
        node.classList.toggle("rva-wrong", !data.right[m]);
      }
    });
    this.svg.setAttribute("aria-label", words(data, step));
  }

  // Without attention: the states that the one context is made of, and the context that every symbol is told.
  showContext(place, between, x, from, to) {
    const [middle, wide, high] = [(from + to) / 2, 76, 40];
    set(this.context.frame, { x: place.width / 2 - wide / 2, y: middle - high / 2, width: wide, height: high });
    set(this.context.text, { x: place.width / 2, y: middle });
    set(this.context.line, { d: between(x, from, place.width / 2, middle - high / 2) });
    this.made.forEach((path, k) =>
      set(path, { d: between(place.width / 2, middle + high / 2, place.below.at(this.data.made[k]), to) }));
  }
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = typeof value === "number" ? String(Math.round(value * 1e6) / 1e6) : value;
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

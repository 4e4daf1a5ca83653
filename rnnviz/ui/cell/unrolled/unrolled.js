// The network over time: a small cell for each step, coloured by its state, and the gradient that flows back. As many
// steps as there is room for stand around the current one and scroll with the time; a bar above them holds all.
import { Bar } from "./bar.js";
import { FLOOR, Norms, TOP } from "./norm.js";
import { every, short, Step, visible } from "./step.js";
import * as clock from "../../clock.js";
import { spell } from "../scale.js";
import { drawn, isDark, make } from "../../page.js";

const LEAST = 36; // pixels of a step, its cell and the gap to the next one
const MOST = 104;
const CELL = 54; // pixels of the widest cell
const HIGH = 36; // pixels of a cell's height
const [TIGHT, NARROW] = [1100, 800]; // pixels from which all words have room beside each other, or the fewest
const CALM = 70; // ms in which most of a way is scrolled
const WAYS = [["forward", "Forward", "What is handed on from step to step"],
  ["backward", "Backward", "How much of the gradient of the loss reaches each step"]];
const ordinal = (count) => ({ 2: "second", 3: "third" }[count] ?? `${count}th`);
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Unrolled {
  constructor(change) {
    this.change = change;
    this.steps = [];
    this.offset = null; // of the left rim, in pixels from the start of step 1
    this.buttons = WAYS.map(([way, name, title]) => make("button", { type: "button", role: "radio", title,
      class: "rvl-u-way", onclick: () => this.turn(way) }, name));
    this.ways = make("div", { class: "rvl-u-ways", role: "radiogroup", "aria-label": "Which way it is followed",
      onkeydown: (event) => this.switchBy(event) }, ...this.buttons);
    this.words = make("p", { class: "rvl-u-words" });
    this.legend = make("span", { class: "rvl-u-legend" });
    this.track = make("div", { class: "rvl-u-track" });
    this.strip = make("div", { class: "rvl-u-strip", tabindex: 0, role: "slider", "aria-label": "The network over time",
      "aria-valuemin": 1 }, this.track);
    this.bar = new Bar((t) => this.change({ t }));
    this.letters = make("div", { class: "rvl-u-letters", "aria-hidden": "true" });
    this.notch = drawn("path");
    this.line = drawn("svg", {});
    this.line.append(this.notch);
    // From all steps to some, to the one that the diagram below opens.
    this.node = make("div", { class: "rvl-unrolled" },
      make("div", { class: "rvl-u-head" }, this.ways, this.words, this.legend), this.bar.node,
      make("div", { class: "rvl-u-view" }, this.strip, this.letters),
      make("div", { class: "rvl-u-notch", "aria-hidden": "true" }, this.line));
    this.strip.onpointerdown = (event) => this.press(event);
  }

  setup(model, head, state) {
    Object.assign(this, { model, head, norms: new Norms(model) });
    this.dark = head.dark ?? isDark(this.node);
    this.shown = {};
    this.ways.hidden = !this.norms.any;
    if (!this.norms.any && state.way === "backward") state.way = "forward";
    this.strip.setAttribute("aria-valuemax", model.T);
    this.explain();
    for (const step of this.steps) step.t = null;
  }

  // What is drawn, in small words, for each way.
  explain() {
    const power = (decade) => ["10", make("sup", {}, String(decade).replace("-", "−"))];
    const each = every(this.model.H, this.model.states.length);
    const stripe = each > 1 ? `stripes: every ${ordinal(each)} unit` : this.model.H > 1 ? "stripes: units" : "";
    // Where they have to take two lines, these break between the parts.
    const words = (kind, ...parts) => make("span", { class: `rvl-u-${kind}` }, ...parts.flatMap((part, k) =>
      [k ? "; " : "", make("span", { class: "rvl-u-part" }, ...part)]));
    const scale = [make("span", { class: "rvl-u-more" }, "arrows and bars: "), "‖∂L/∂", make("i", {}, "h"), "‖ from ",
      ...power(FLOOR), " to ", ...power(TOP), ", log"];
    this.legend.replaceChildren(
      words("ahead", ...(stripe ? [[stripe]] : []), ["arrows: what is handed on"]),
      words("behind", scale, ...(this.norms.underflows ? [["× underflow"]] : [])));
  }

  // How many steps there is room for, and how large they are.
  resize() {
    const width = this.strip.clientWidth;
    if (!this.model || !width || this.node.hidden) return;
    const { T } = this.model;
    const { size } = this.head; // all of it is larger on a projector
    const panels = this.model.states.length > 1 ? ["c", "h"] : ["h"];
    const key = [width, T, size, panels, window.devicePixelRatio].join();
    if (key === this.key) return;
    this.key = key;
    this.width = width;
    this.room = Math.max(1, Math.floor(width / (LEAST * size)));
    this.whole = T <= this.room;
    this.pitch = this.whole ? Math.min(width / T, MOST * size) : width / this.room;
    const box = Math.round(Math.min(0.66 * this.pitch, CELL * size));
    const place = { pitch: this.pitch, box, high: Math.round(HIGH * size) };
    const count = Math.min(T, this.room + 2);
    if (this.panels?.length !== panels.length) this.steps = [];
    this.panels = panels;
    while (this.steps.length < count) this.steps.push(new Step(panels));
    this.steps.length = count;
    for (const step of this.steps) {
      step.place(place);
      step.t = null;
    }
    this.track.replaceChildren(...this.steps.map((step) => step.node));
    this.bar.node.classList.toggle("rvl-u-rest", this.whole); // its place is kept
    this.left = this.strip.offsetLeft;
    this.all = this.node.clientWidth;
    this.tip = 6 * size;
    // A line twice as wide as what is seen of it, with the notch in its middle: it is moved, never drawn anew.
    const { all, tip } = this;
    this.notch.setAttribute("d", `M0 ${tip}H${all - tip}l${tip} ${1 - tip}l${tip} ${tip - 1}H${2 * all}`);
    this.line.style.width = `${2 * all}px`;
    this.node.classList.toggle("rvl-u-tight", this.all < TIGHT * size);
    this.node.classList.toggle("rvl-u-narrow", this.all < NARROW * size);
    this.shown = {};
    const row = (kind, letter) => make("i", { class: `rvl-u-${kind}` }, letter);
    this.letters.replaceChildren(row("t", "t"), row("number", "h"),
      make("span", { class: "rvl-u-box" }, ...panels.map((name) => make("i", {}, name))), row("read", "x"));
  }

  show(state) {
    if (!this.model || this.node.hidden) return;
    if (!this.key) this.resize();
    if (!this.key) return;
    const { t, unit, way } = state;
    const { model, norms, dark, head } = this;
    const before = this.shown;
    this.shown = { t, unit, way };
    this.about = { model, norms, unit, dark, digits: head.digits };
    if (before.way !== way) this.face(way);
    if (before.unit !== unit) for (const step of this.steps) step.t = null;
    const turned = before.unit !== unit || before.way !== way;
    if (turned && !this.whole) this.bar.paint(this.about, way === "backward", this.width);
    if (turned || before.t !== t) this.say(state);
    this.follow(before.t === undefined);
  }

  // The window goes after the time: at once where it is told to, else in a short glide.
  follow(atOnce) {
    const { pitch, width, model } = this;
    const at = clock.now(model.T);
    const end = model.T * pitch - width;
    const goal = this.whole ? end / 2 : Math.min(Math.max((at + 0.5) * pitch - width / 2, 0), end);
    const now = performance.now();
    const passed = Math.min(now - (this.before ?? now - 16), 50);
    this.before = now;
    if (this.offset === null || atOnce || this.whole || still.matches) this.offset = goal;
    else if (!this.held) this.offset += (goal - this.offset) * (1 - Math.exp(-passed / CALM));
    const there = this.held || Math.abs(goal - this.offset) < 0.3;
    if (there && !this.held) this.offset = Math.round(goal); // at rest, letters are sharp
    this.draw(at);
    cancelAnimationFrame(this.frame);
    if (there) this.before = undefined;
    // While time plays it is told of every frame.
    else if (!clock.isPlaying()) this.frame = requestAnimationFrame(() => this.node.isConnected && this.follow());
  }

  draw(at) {
    const { offset, pitch, width, model } = this;
    const first = Math.max(0, Math.floor(offset / pitch));
    const last = Math.min(model.T - 1, Math.floor((offset + width - 1) / pitch));
    for (let t = first; t <= last; t++) {
      const step = this.steps[t % this.steps.length];
      if (step.t !== t) step.fill(t, this.about);
    }
    for (const step of this.steps) step.node.classList.toggle("rvl-u-now", step.t === this.shown.t);
    this.track.style.transform = `translateX(${-offset}px)`;
    if (!this.whole) this.bar.show(at, offset / pitch, (offset + width) / pitch);
    this.letters.style.transform = `translateX(${this.whole ? -offset : 0}px)`;
    this.open((this.shown.t + 0.5) * pitch - offset);
  }

  // What is below the line is the current cell, opened.
  open(x) {
    const { left, all, tip } = this;
    const at = Math.min(Math.max(left + x, tip), all - tip);
    this.line.style.transform = `translateX(${short(at - all)}px)`;
  }

  face(way) {
    this.node.classList.toggle("rvl-u-backward", way === "backward");
    WAYS.forEach(([name], k) => {
      this.buttons[k].setAttribute("aria-checked", name === way);
      this.buttons[k].tabIndex = name === way ? 0 : -1;
    });
  }

  // This step in words: what it makes of what it reads, or what of the gradient reaches it.
  say({ t, unit, way }) {
    const { model, norms, head } = this;
    const symbol = (letter) => [make("i", {}, letter), make("sub", {}, t + 1)];
    const number = (name, at = unit) => spell(model.number(name, t, at), head.digits);
    let said;
    if (way === "backward") {
      said = [...this.panels].reverse().flatMap((name, k) =>
        [k ? "; ‖∂L/∂" : "‖∂L/∂", ...symbol(name), "‖", norms.said(name, t, k > 0)]);
    } else {
      const label = model.labels?.[t];
      const x = model.row("x", t);
      const read = label !== undefined && [...label].length === 1 ? `“${visible(label)}”`
        : x.length > 1 ? `${x.length} numbers` : spell(x[0], head.digits) + (label ? ` (${label})` : "");
      const whose = unit === null && model.H > 1 ? "mean of " : "";
      said = [...this.panels].reverse().flatMap((name, k) => [k ? ", " : whose, ...symbol(name), ` = ${number(name)}`]);
      said.push(`${unit === null || model.H === 1 ? "" : ` in unit ${this.model.called(unit)}`}; reads ${read}`);
    }
    this.words.replaceChildren(...said);
    this.strip.setAttribute("aria-valuenow", t + 1);
    this.strip.setAttribute("aria-valuetext", `Step ${t + 1} of ${model.T}: ${this.words.textContent}`);
  }

  // Whoever turns round while it plays goes on playing, the other way.
  turn(way) {
    const playing = clock.isPlaying();
    clock.pause();
    this.change({ way });
    if (playing) clock.play({ back: way === "backward" });
  }

  switchBy(event) {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    const other = this.shown.way === "forward" ? 1 : 0;
    this.turn(WAYS[other][0]);
    this.buttons[other].focus();
  }

  // While it is held the window rests, else it would run away under the pointer.
  press(event) {
    if (event.button || !this.width) return;
    const { left } = this.strip.getBoundingClientRect();
    const move = ({ clientX }) => {
      const t = Math.floor((clientX - left + this.offset) / this.pitch);
      const to = Math.min(Math.max(t, 0), this.model.T - 1);
      if (to !== this.shown.t || clock.isPlaying()) this.change({ t: to });
    };
    this.held = true;
    this.strip.setPointerCapture(event.pointerId);
    this.strip.onpointermove = move;
    this.strip.onlostpointercapture = () => {
      this.held = false;
      this.strip.onpointermove = null;
      this.follow();
    };
    move(event);
  }
}

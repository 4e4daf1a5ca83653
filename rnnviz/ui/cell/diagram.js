// The picture of the cell: a box for each quantity of a step with its number and a strip of all units, an operation as
// its sign, and wires that carry the numbers. Where it stands is Python's (figures/cell_layout.py).
import { Box } from "./box.js";
import { Chooser } from "./chooser.js";
import { colour, ink, spell } from "./scale.js";
import { Strips } from "./strips.js";
import { Wires } from "./wires.js";
import { background, css, drawn, make } from "../page.js";

const [MOST, PRESENT] = [1.5, 2.2]; // how far the picture is enlarged, at a desk and projected
const SIGNS = { " ": "␣", "\n": "⏎", "\t": "⇥" };

export class Diagram {
  constructor(change) {
    this.change = change;
    this.chooser = new Chooser(change);
    this.wires = new Wires();
    this.strips = new Strips();
    this.boxes = [];
    this.svg = drawn("svg", { class: "rvl-svg", role: "group" });
    this.sheet = make("div", { class: "rvl-sheet" }, this.svg, this.strips.node);
    this.stage = make("div", { class: "rvl-stage" }, this.sheet);
    this.node = make("div", { class: "rvl-diagram" }, this.chooser.node, this.stage);
  }

  setup(model, head, state) {
    Object.assign(this, { model, head, state });
    this.chooser.setup(model, head);
    this.svg.setAttribute("aria-label", `${model.label}, one step`);
  }

  // The form that can be read in the room that there is, as large as it allows.
  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!this.model || !width) return;
    const { wide, tall } = this.model.layouts;
    // In a column beside others it may shrink a little; below each other its height is known from its form.
    const form = !this.head.stacked || width >= wide.width ? "wide" : "tall";
    const layout = form === "wide" ? wide : tall;
    const free = this.head.stacked ? 1 : Math.min(height / layout.height, this.head.present ? PRESENT : MOST);
    const scale = Math.min(width / layout.width, free);
    this.build(layout);
    const [w, h] = [layout.width * scale, layout.height * scale].map(Math.floor);
    this.sheet.style.width = `${w}px`;
    this.sheet.style.height = `${h}px`;
    this.strips.resize(w, h, scale);
    this.inks = [css(this.node, "color"), background(this.node)];
    this.shown = "";
  }

  // The picture stays where only its numbers change: so does the focus.
  build(layout) {
    const { model, wires, strips } = this;
    const [several, many] = [model.H > 1, model.D > 1];
    const plan = JSON.stringify([model.cell, layout, several, many]);
    Object.assign(wires, { model });
    Object.assign(strips, { model });
    if (plan === this.plan) return;
    this.plan = plan;
    const { width, height, boxes } = layout;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    wires.setup(layout);
    this.boxes = boxes.map((place) => this.hear(new Box(model, place)));
    this.svg.replaceChildren(wires.node, ...this.boxes.map(({ group }) => group));
    for (const box of this.boxes) box.fit();
    strips.setup(this.boxes.flatMap(({ strip }) => strip ?? []));
    this.looks = null;
  }

  // What a visitor does with a box.
  hear(box) {
    const { name, group } = box;
    group.onclick = (event) => this.click(box, event);
    group.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      this.open(name);
    };
    const over = () => this.change({ over: name });
    const out = () => { if (this.state.over === name) this.change({ over: null }); };
    Object.assign(group, { onpointerenter: over, onpointerleave: out, onfocus: over, onblur: out });
    return box;
  }

  // A click on the strip picks the unit that it hits.
  click({ name, strip }, event) {
    if (strip && this.model.each(name)) {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
      const part = (at.x - strip.x) / strip.width;
      if (at.y >= strip.y - 2 && part >= 0 && part < 1) {
        const unit = Math.floor(part * this.model.H);
        this.change({ unit: this.state.unit === unit ? null : unit });
        return;
      }
    }
    this.open(name);
  }

  open(name) {
    this.change({ node: this.state.node === name ? null : name });
  }

  show(state) {
    this.state = state;
    this.chooser.show(state);
    if (!this.plan) return;
    const { t, unit, over, node, playing } = state;
    const shown = `${t} ${unit} ${playing}`;
    if (shown !== this.shown) {
      this.shown = shown;
      this.numbers(t, unit, playing);
    }
    const looks = `${over} ${node} ${playing}`;
    if (looks !== this.looks) {
      this.looks = looks;
      this.mark(over, node, playing);
    }
  }

  numbers(t, unit, playing) {
    const { model, head } = this;
    this.wires.show(t, unit, head.dark);
    this.strips.show(t, unit, head.dark, this.inks);
    for (const box of this.boxes) {
      const single = model.each(box.name);
      const number = model.number(box.name, t, unit);
      const words = single ? spell(number, head.digits) : this.symbol(t);
      const look = (of) => (single ? of(model, box.name, number, head.dark) : "");
      box.show(words, look(colour), look(ink));
      if (!playing) box.say(words); // nobody listens while it plays
    }
  }

  // What is read where that is several numbers.
  symbol(t) {
    const label = this.model.labels?.[t];
    return label === undefined ? `${this.model.D} inputs` : `“${SIGNS[label] ?? label}”`;
  }

  mark(over, node, playing) {
    const name = over ?? node ?? "";
    this.svg.classList.toggle("rvl-playing", playing);
    this.svg.classList.toggle("rvl-pointing", over !== null && over !== node);
    this.wires.light(name);
    const from = name ? this.model.node(name).of : [];
    for (const box of this.boxes) box.mark(box.name === node, from.includes(box.name));
  }
}

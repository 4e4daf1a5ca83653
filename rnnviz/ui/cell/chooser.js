// The line above the picture: which unit is shown, and the scales of its colours.
import { limits, scaleOf, shade } from "./scale.js";
import { icon, make } from "../page.js";

const BACK = "M10.2 3.6 5.8 8l4.4 4.4-1 1L3.8 8l5.4-5.4z";
const ON = "M5.8 12.4 10.2 8 5.8 3.6l1-1L12.2 8l-5.4 5.4z";
const ALL = "all";
const STOPS = 13;

export class Chooser {
  constructor(change) {
    this.change = change;
    const button = (name, path, by) => make("button", { type: "button", class: "rvc-button", "aria-label": name,
      title: name, onclick: () => this.change({ unit: this.model.next(this.unit, by) }) }, icon(path));
    this.select = make("select", { class: "rvl-unit", "aria-label": "Unit that is shown",
      onchange: () => this.change({ unit: this.select.value === ALL ? null : Number(this.select.value) }) });
    this.bars = ["sequential", "diverging"].map((scale) => {
      const [low, bar, high] = [make("span"), make("span", { class: "rvl-bar" }), make("span")];
      return { scale, low, bar, high, node: make("span", { class: "rvl-scale" }, low, bar, high) };
    });
    this.pick = make("span", { class: "rvl-pick" }, button("One unit back", BACK, -1), this.select,
      button("One unit on", ON, 1));
    this.node = make("div", { class: "rvl-chooser" }, this.pick,
      make("span", { class: "rvl-legend", title: "Colour: the value. Thickness of a line: its size." },
        ...this.bars.map(({ node }) => node)));
  }

  setup(model, head) {
    this.model = model;
    if (this.count !== model.H) {
      this.count = model.H;
      const option = (value, words) => make("option", { value }, words);
      this.select.replaceChildren(...Array.from({ length: model.H }, (_, k) => option(k, `unit ${model.called(k)}`)),
        ...(model.H > 1 ? [option(ALL, `mean of all ${model.H}`)] : []));
    }
    this.pick.classList.toggle("rvl-one", model.H === 1);
    for (const { scale, bar, node } of this.bars) {
      const colours = Array.from({ length: STOPS }, (_, k) => shade(scale, k / (STOPS - 1), head.dark));
      bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
      node.hidden = !model.nodes.some(({ name }) => scaleOf(model, name) === scale);
    }
    this.of = null;
  }

  show({ unit, over, node }) {
    this.unit = unit;
    const value = String(unit ?? ALL);
    if (this.select.value !== value) this.select.value = value;
    const of = over ?? node ?? this.model.states[0];
    if (of === this.of) return;
    this.of = of;
    for (const { scale, low, high } of this.bars) {
      // The scale of what is looked at; that of the state where it has the other one.
      const [least, most] = limits(this.model, scaleOf(this.model, of) === scale ? of : this.model.states[0]);
      const ends = scale === "sequential" ? [0, 1] : [least, most];
      [low.textContent, high.textContent] = ends.map((end) => String(end).replace("e+", "e").replace("-", "−"));
    }
  }
}

// The picture of the cell: a box for each quantity of a step with its number and a strip of all units, an operation as
// its sign, and wires that carry the numbers. Where it stands is Python's (figures/cell_layout.py).
import { Chooser } from "./cell_chooser.js";
import { letters, spoken, svg } from "./cell_letters.js";
import { colour, ink, spell } from "./cell_scale.js";
import { Strips } from "./cell_strips.js";
import { Wires } from "./cell_wires.js";
import { background, css, drawn, make } from "./page.js";

const HALO = 3.5; // how far the ring of the open box stands off
const [MOST, PRESENT] = [1.5, 2.2]; // how far the picture is enlarged, at a desk and projected

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
    Object.assign(this, { model, head, state, form: null });
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
    if (form !== this.form) this.build(layout);
    this.form = form;
    const [w, h] = [layout.width * scale, layout.height * scale].map(Math.floor);
    this.sheet.style.width = `${w}px`;
    this.sheet.style.height = `${h}px`;
    this.strips.resize(w, h, scale);
    this.inks = [css(this.node, "color"), background(this.node)];
    this.shown = "";
  }

  build(layout) {
    const { width, height, boxes } = layout;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.wires.setup(this.model, layout);
    this.boxes = boxes.map((box) => this.box(box));
    this.svg.replaceChildren(this.wires.node, ...this.boxes.map(({ group }) => group));
    for (const { fits } of this.boxes) fits.forEach(fit);
    this.strips.setup(this.model, this.boxes.flatMap(({ strip }) => strip ?? []));
    this.looks = null;
  }

  box(box) {
    const { name, x, y, width, height, shape, symbol, number, strip: spot, letter, sign } = box;
    const round = shape === "operation" ? Math.min(width, height) / 2 : 7;
    const around = (kind, far) => drawn("rect", { class: kind, x: x - width / 2 - far, y: y - height / 2 - far,
      width: width + 2 * far, height: height + 2 * far, rx: round + far });
    const frame = around("rvl-frame", 0);
    const parts = [around("rvl-halo", HALO), frame];
    const strip = spot && this.model.row(name, 0).length > 1
      ? { name, x: spot.x - spot.width / 2, y: spot.y - spot.height / 2, width: spot.width, height: spot.height } : null;
    const lower = strip || !spot ? 0 : spot.height; // without a strip the words stand in the middle
    const text = (kind, at, words) => {
      const node = drawn("text", { class: kind, x: at.x, y: at.y + lower, dy: "0.35em" });
      node.append(words);
      parts.push(node);
      return node;
    };
    // Within the box of a gate, or of a state that is weighed as gates are, it is the name of the function.
    const inCircle = sign && (shape === "operation" || Math.abs(sign.x - x) > width / 2 || Math.abs(sign.y - y) > height / 2);
    const radius = inCircle && Math.min(sign.width, sign.height) / 2;
    if (inCircle) parts.push(drawn("circle", { class: "rvl-round", cx: sign.x, cy: sign.y, r: radius }));
    const fits = []; // texts that must not be wider than their room
    if (sign) fits.push([text(inCircle ? "rvl-sign" : "rvl-function", sign, symbol), sign.width - (inCircle ? 5 : 0)]);
    if (letter) fits.push([text("rvl-name", letter, svg(letters(this.model, name, true))), letter.width]);
    const value = document.createTextNode("");
    text("rvl-number", number, value).dataset.node = name;
    const group = drawn("g", { class: `rvl-box rvl-${shape}`, tabindex: 0, role: "button", "data-box": name });
    group.append(...parts);
    this.hear(group, name, strip);
    const said = `${spoken(letters(this.model, name))}, ${this.model.node(name).words}`;
    return { name, group, frame, value, strip, said, fits };
  }

  // What a visitor does with a box.
  hear(group, name, strip) {
    group.onclick = (event) => this.click(name, strip && this.model.each(name) ? strip : null, event);
    group.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      this.open(name);
    };
    const over = () => this.change({ over: name });
    const out = () => { if (this.state.over === name) this.change({ over: null }); };
    Object.assign(group, { onpointerenter: over, onpointerleave: out, onfocus: over, onblur: out });
  }

  // A click on the strip picks the unit that it hits.
  click(name, strip, event) {
    if (strip) {
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
    if (!this.form) return;
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
      if (box.words !== words) box.value.nodeValue = box.words = words;
      const fill = single ? colour(model, box.name, number, head.dark) : "";
      if (box.fill !== fill) {
        box.frame.style.fill = box.fill = fill;
        box.group.style.color = single ? ink(model, box.name, number, head.dark) : "";
      }
      // Nobody listens while it plays.
      if (!playing) box.group.setAttribute("aria-label", `${box.said}: ${words}`);
    }
  }

  // What is read where that is several numbers.
  symbol(t) {
    const label = this.model.labels?.[t];
    return label === undefined ? `${this.model.D} inputs` : `“${{ " ": "␣", "\n": "⏎", "\t": "⇥" }[label] ?? label}”`;
  }

  mark(over, node, playing) {
    const name = over ?? node ?? "";
    this.svg.classList.toggle("rvl-playing", playing);
    this.svg.classList.toggle("rvl-pointing", over !== null);
    this.wires.light(name);
    const from = name ? this.model.node(name).of : [];
    for (const box of this.boxes) {
      box.group.classList.toggle("rvl-open", box.name === node);
      box.group.classList.toggle("rvl-from", from.includes(box.name));
      box.group.setAttribute("aria-pressed", box.name === node);
    }
  }
}

// A long word is written smaller.
function fit([text, room]) {
  const length = text.getComputedTextLength();
  if (length <= room) return;
  const size = parseFloat(getComputedStyle(text).fontSize);
  text.style.fontSize = `${Math.floor((10 * size * room) / length) / 10}px`;
}

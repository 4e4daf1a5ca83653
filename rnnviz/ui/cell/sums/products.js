// A row of a matrix times a vector, product by product: in one line where there are few, else in a list.
import { place, worth } from "./tree.js";
import { make } from "../../page.js";

const IN_LINE = 3;
const FEW = 4; // as many columns are shown of a vector that is 0 in all others, such as the code of a letter
const SORTED_FROM = 9;

// The columns that count at a step, or null for all of them: of a wide vector that is nearly all 0 at every step.
export function columns(model, expression) {
  const { from } = expression;
  const width = model.row(from, 0).length;
  if (width <= FEW || from !== "x") return null;
  const filled = (t) => Array.from(model.row(from, t).keys()).filter((j) => model.row(from, t)[j] !== 0);
  let most = 1;
  for (let t = 0; t < model.T && most <= FEW; t++) most = Math.max(most, filled(t).length);
  if (most > FEW) return null;
  // As many at each step: what is missing is made up by columns of zeros.
  return (t) => {
    const found = filled(t);
    for (let j = 0; found.length < most; j++) if (!found.includes(j)) found.push(j);
    return found.sort((a, b) => a - b);
  };
}

export function products(board, expression) {
  const { model } = board;
  const { matrix, block, from } = expression;
  const width = model.row(from, 0).length;
  const chosen = columns(model, expression);
  const count = chosen ? chosen(0).length : width;
  const row = (unit) => model.param(matrix)[place(model, block, unit ?? 0)];
  board.line(({ t, unit }, round) => [
    row(unit).reduce((sum, weight, j) => sum + round(weight * model.row(from, t)[j]), 0),
    worth(model, expression, t, unit ?? 0),
  ]);
  if (count > IN_LINE) {
    const list = new List(board, expression, chosen, count, row);
    return { short: false, content: list.node, button: list.button };
  }
  const at = (k, t) => (chosen ? chosen(t)[k] : k);
  const content = make("span", { class: "rvl-sum" });
  for (let k = 0; k < count; k++) {
    const weight = ({ t, unit }) => row(unit)[at(k, t)];
    if (k) content.append(" ", board.sign(weight), "\u00a0");
    content.append(make("span", { class: "rvl-whole" }, board.number(weight, { bare: k > 0 }), " · ",
      board.number(({ t }) => model.row(from, t)[at(k, t)])));
    board.line((now, round) => {
      const value = model.row(from, now.t)[at(k, now.t)];
      return [round(weight(now)) * round(value), weight(now) * value];
    });
  }
  if (chosen) content.append(make("small", {}, board.text(({ t }) =>
    ` (column${count > 1 ? "s" : ""} ${chosen(t).join(", ")}; all others meet a 0)`)));
  return { short: true, content };
}

// All products, in order or the largest first.
class List {
  constructor(board, expression, chosen, count, row) {
    Object.assign(this, { board, chosen, count, row, from: expression.from, sorted: false });
    this.order = Array.from({ length: count }, (_, j) => j);
    this.lines = this.order.map(() => new Line());
    this.node = make("div", { class: "rvl-products", role: "list", tabindex: count > 16 ? 0 : null,
      "aria-label": `${count} products of a weight and a value` }, ...this.lines.map(({ node }) => node));
    this.button = count < SORTED_FROM ? "" : make("button", { type: "button", class: "rvl-order",
      "aria-pressed": "false", title: "The largest products first", onclick: () => this.sort() }, "by size");
    this.needed = board.sight(this.node, this.lines.map(({ node }) => node));
    board.moving.push((at) => this.show(at));
  }

  sort() {
    this.sorted = !this.sorted;
    this.button.setAttribute("aria-pressed", this.sorted);
    this.show(this.at);
    this.node.scrollTop = 0;
  }

  show(at) {
    this.at = at;
    const weights = this.row(at.unit);
    const values = this.board.model.row(this.from, at.t);
    const all = this.chosen ? this.chosen(at.t) : this.order;
    const size = (j) => Math.abs(weights[j] * values[j]);
    const order = this.sorted ? [...all].sort((a, b) => size(b) - size(a)) : all;
    const largest = all.reduce((most, j) => Math.max(most, size(j)), 0);
    order.forEach((j, k) => {
      const line = this.lines[k];
      if (this.needed(line.node, at)) line.show(this.board, j, weights[j], values[j], largest);
    });
  }
}

// One product; a bar behind it says how large it is beside the largest one, and of which sign.
class Line {
  constructor() {
    this.bar = make("i", { class: "rvl-share", "aria-hidden": "true" });
    this.texts = ["rvl-index", "rvl-value", "rvl-value", "rvl-value"].map((kind) => {
      const text = document.createTextNode("");
      return { text, node: make("span", { class: kind }, text), last: "" };
    });
    const [index, weight, value, product] = this.texts.map(({ node }) => node);
    this.node = make("div", { class: "rvl-product", role: "listitem" },
      this.bar, index, weight, "·", value, "=", product);
  }

  show(board, j, weight, value, largest) {
    const product = weight * value;
    [String(j), board.spell(weight), board.spell(value), board.spell(product)].forEach((word, k) => {
      const one = this.texts[k];
      if (one.last !== word) one.text.data = one.last = word;
    });
    const share = Math.round((100 * product) / largest) / 100 || 0;
    if (share === this.share) return;
    this.share = share;
    this.bar.style.transform = `scaleX(${Math.abs(share)})`;
    if (share < 0 !== this.negative) this.bar.classList.toggle("rvl-below", (this.negative = share < 0));
  }
}

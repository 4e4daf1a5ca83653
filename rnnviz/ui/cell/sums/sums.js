// The arithmetic of one quantity: its equation in the letters of the papers, and the same with this step's numbers.
import { html, letters, product, spoken } from "../letters.js";
import { Board } from "./board.js";
import { chain } from "./chain.js";
import { aside, ledger } from "./ledger.js";
import { agrees, parts, tree, worth } from "./tree.js";
import { everyone, means, source } from "./units.js";
import { vectors } from "./vectors.js";
import { equation } from "./write.js";
import { make } from "../../page.js";

const FULL = 4; // as many units are shown at once, in vectors and matrices
const ROUNDED = "Computed with all digits; rounded ones may end differently.";

export class Sums {
  constructor(change) {
    this.change = change;
    this.node = make("div", { class: "rvl-sums", role: "region", tabindex: -1 });
  }

  // New numbers of the same cell go where the old ones stood, so that a list stays where it was pushed to.
  setup(model, head) {
    this.head = head;
    this.shown = "";
    const form = JSON.stringify([model.cell, model.H, model.D, model.names, head.digits, Boolean(model.labels),
      model.nodes.map(({ array, reach, ...node }) => node)]);
    if (form === this.form) return Object.assign(this.model, model);
    this.form = form;
    this.model = Object.assign(Object.create(Object.getPrototypeOf(model)), model);
    this.sheets = new Map();
    this.sheet = null;
  }

  show(at) {
    const name = at.node ?? at.over;
    // Only the arithmetic of one unit differs from that of all.
    const key = `${name} ${at.unit === null}`;
    const shown = `${key} ${at.t} ${at.unit} ${at.playing}`;
    if (shown === this.shown) return;
    this.shown = shown;
    let sheet = this.sheets.get(key);
    if (!sheet) this.sheets.set(key, (sheet = name ? new Sheet(this, name, at.unit === null) : new Overview(this)));
    sheet.show(at);
    if (sheet === this.sheet) return;
    this.sheet = sheet;
    const focused = this.node.contains(document.activeElement);
    this.node.replaceChildren(sheet.node);
    this.node.scrollTop = 0;
    const label = name ? `The arithmetic of ${spoken(letters(this.model, name))}` : "All equations";
    this.node.setAttribute("aria-label", label);
    // Who opened this from the one before would otherwise be lost: the arrow keys go on.
    if (focused) this.node.focus({ preventScroll: true });
    this.resize();
  }

  // Beside the picture lists take the height that is left, so that what comes of them is in sight. To find it the browser
  // lays all of it out twice: new numbers alone do not ask for that.
  resize() {
    if (!this.sheet) return;
    const room = [this.node.clientWidth, this.node.clientHeight, this.head.stacked].join();
    if (this.sheet === this.fitted && room === this.room) return;
    Object.assign(this, { fitted: this.sheet, room });
    const lists = this.node.querySelectorAll(".rvl-products, .rvl-units");
    const { style } = this.node;
    style.setProperty("--rvl-list", this.head.stacked ? "22rem" : "5.5rem");
    if (!lists.length || this.head.stacked) return;
    this.sheet.node.style.minHeight = 0;
    let left = this.node.clientHeight - this.sheet.node.offsetHeight;
    this.sheet.node.style.minHeight = "";
    for (const list of lists) left += list.clientHeight;
    style.setProperty("--rvl-list", `max(5.5rem, ${Math.floor(left / lists.length)}px)`);
  }
}

// What is open of one node.
class Sheet {
  constructor({ model, head, change }, name, all) {
    Object.assign(this, { model, name, all });
    const board = (this.board = new Board(model, head, change));
    this.expression = tree(model, name);
    this.own = this.expression.op !== "value" || this.expression.name !== name;
    const node = model.node(name);
    this.rounded = make("p", { class: "rvl-aside" }, ROUNDED);
    this.differs = make("p", { class: "rvl-differs", hidden: true });
    const close = make("button", { type: "button", class: "rvl-order", title: "All equations of the cell (Esc)",
      onclick: () => change({ node: null, over: null }) }, "all equations");
    const which = board.text(({ t, unit }) => `${this.which(unit)}t = ${t + 1}`);
    const value = board.number(({ t, unit }) => model.number(name, t, unit), { "data-number": "value" });
    this.node = make("div", { class: "rvl-sheet-of", "data-sums": name },
      make("div", { class: "rvl-title" }, make("span", { class: "rvl-big" }, html(letters(model, name))),
        make("span", { class: "rvl-words" }, node.words), model.each(name) ? value : ""),
      make("div", { class: "rvl-top" }, which, close),
      ...(this.own ? [equation(board, name, this.expression)] : []),
      make("div", { class: "rvl-body" }, ...this.body()), this.differs, ...(this.own ? [this.rounded] : []));
  }

  which(unit) {
    const { model, name } = this;
    if (!model.each(name) || model.H === 1) return "";
    return unit === null ? `mean of ${model.H} units, ` : `unit ${model.called(unit)} of ${model.H}, `;
  }

  body() {
    const { board, name, expression, model } = this;
    if (!this.own) return source(board, name);
    const few = model.H > 1 && model.H <= FULL;
    const note = aside(board, expression);
    if (few) return [vectors(board, name, expression), ...note, ...(this.all ? means(board, name) : [])];
    if (this.all) return means(board, name, expression);
    const weights = [...parts(expression)].some(({ op }) => op === "product");
    return weights ? [ledger(board, name, expression), ...note]
      : [chain(board, name, expression), ...note, ...(model.H > 1 ? everyone(board, name) : [])];
  }

  show(at) {
    const { model, name, expression } = this;
    this.board.update(at);
    if (!this.own) return;
    const units = at.unit === null || model.H <= FULL ? Array.from({ length: model.H }, (_, unit) => unit) : [at.unit];
    const wrong = units.find((unit) =>
      !agrees(model, expression, at.t, unit, worth(model, expression, at.t, unit), model.row(name, at.t)[unit]));
    this.differs.hidden = wrong === undefined;
    if (wrong !== undefined) {
      this.differs.textContent = `Unit ${model.called(wrong)}: the network says ${model.row(name, at.t)[wrong]}, `
        + `this arithmetic ${worth(model, expression, at.t, wrong)}.`;
    }
    // While it plays the line stays: it would only flicker.
    this.rounded.style.visibility = at.playing || this.board.differs(at) ? "" : "hidden";
  }
}

// All equations of the cell, while none is open.
class Overview {
  constructor({ model, head, change }) {
    const board = (this.board = new Board(model, head, change));
    // Whatever has a letter of its own: what a residual connection adds to h, too.
    const own = (node) => node.name.length === 1 || (node.terms.length > 0 && !product(node));
    const shown = model.nodes.filter((node) => node.kind !== "source" && own(node));
    this.node = make("div", { class: "rvl-sheet-of", "data-sums": "" },
      make("p", { class: "rvl-short" },
        "Click a box, or a letter here, for its arithmetic with the numbers of this step."),
      ...shown.map(({ name }) => make("div", { class: "rvl-equation-of" },
        equation(board, name, tree(model, name), true), board.number(({ t, unit }) => model.number(name, t, unit)))));
  }

  show(at) {
    this.board.update(at);
  }
}

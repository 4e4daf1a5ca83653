// Tables of numbers to be typed. What stands in them leaves as text, all of it at once; Python says what it could read,
// and puts the number that counts back where it could not.
import { loadStyle, make } from "../page.js";

const PATIENCE = 600; // ms without an answer after which the next edit leaves anyway
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const grids = new WeakMap();

export default function grid({ data, parentElement, setStateValue }) {
  let one = grids.get(parentElement);
  if (!one) grids.set(parentElement, (one = new Grid(parentElement)));
  one.update(data, setStateValue);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    grids.delete(parentElement);
    one.destroy();
  });
}

// "h_t−1" with what is behind the mark under the line.
function letters(word) {
  const [text, ...sub] = word.split("_");
  return [make("i", {}, text), ...(sub.length ? [make("sub", {}, sub.join("_"))] : [])];
}

class Grid {
  constructor(parent) {
    this.parent = parent;
    this.sent = 0;
    this.node = make("div", { class: "rvh", role: "group" });
    this.node.style.visibility = "hidden"; // until its style is there; its place is kept
    loadStyle(new URL("./hand_grid.css", import.meta.url).href).then(() => { this.node.style.visibility = ""; });
    this.settled = () => this.answered();
    window.addEventListener("rnnviz:settled", this.settled);
    parent.append(this.node);
  }

  update(data, send) {
    const outside = !this.data || data.version !== this.data.version;
    if (!this.data) this.sent = data.seq;
    this.data = data;
    this.send = send;
    // An answer to an older edit does not take the newest one back.
    if (!outside && data.seq < this.sent) return;
    if (outside) this.pending = false;
    if (this.pending) return;
    this.node.setAttribute("aria-label", data.label);
    const frame = JSON.stringify([data.parts, Object.entries(data.values).map(([name, row]) => [name, row.length])]);
    if (frame !== this.frame) {
      this.frame = frame;
      this.build();
    }
    this.values = structuredClone(data.values);
    for (const input of this.inputs) this.write(input, outside);
    this.parent.style.minHeight = "";
  }

  build() {
    const held = document.activeElement?.dataset?.at;
    this.inputs = [];
    this.node.replaceChildren(...this.data.parts.map((part) => make("section", { class: "rvh-part" },
      make("h3", { class: "rvh-title" }, part.title, " ", make("span", {}, part.note)),
      make("div", { class: "rvh-scroll" }, part.row ? this.row(part.row) : this.table(part)))));
    if (held) this.inputs.find((input) => input.dataset.at === held)?.focus();
  }

  // Fields side by side, each under its letter; those of the steps can grow and shrink.
  row({ fields, steps }) {
    const field = ([name, k, letter]) => make("label", {}, ...letters(letter), this.input(name, k, letter.replace("_", " "), name));
    if (!steps) return make("div", { class: "rvh-row" }, ...fields.map(field));
    const { name, letter, least, most } = steps;
    const count = this.data.values[name].length;
    const button = (sign, words, to, off) =>
      make("button", { type: "button", "aria-label": words, title: words, disabled: off, onclick: () => this.resize(name, to) }, sign);
    return make("div", { class: "rvh-row" },
      ...this.data.values[name].map((_, k) => field([name, k, `${letter}_${k + 1}`])),
      make("div", { class: "rvh-steps" },
        button("−", "One step less", count - 1, count <= least), button("+", "One step more", count + 1, count >= most)));
  }

  table({ heads, rows, cells }) {
    const head = make("tr", {}, make("td"), ...heads.map(([letter, under, name]) => make("th", { scope: "col", title: name },
      ...letters(letter), make("small", {}, ...(under ? this.under(under) : ["\u00a0"])))));
    const body = rows.map((row, at) => make("tr", {}, make("th", { scope: "row" }, ...letters(row)),
      ...cells[at].map((cell, k) => make("td", {}, ...(cell
        ? [this.input(cell[0], cell[1], `${heads[k][0]}, ${row}`.replaceAll("_", " "), heads[k][2])] : [])))));
    return make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  }

  // "× x_t": the sign stands upright.
  under(text) {
    const [sign, word] = text.split(" ");
    return word ? [`${sign} `, ...letters(word)] : [sign];
  }

  input(name, index, label, title) {
    const input = make("input", { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", maxlength: 400,
      "aria-label": label, title: `${title}: ↑ and ↓ move it by 0.1, with Shift by 1, with Alt by 0.01`,
      onfocus: () => input.select(), onchange: () => this.typed(input), oninput: () => this.check(input),
      onkeydown: (event) => this.key(event, input), onpaste: (event) => this.paste(event, input) });
    Object.assign(input.dataset, { name, index, at: `${name} ${index}` });
    this.inputs.push(input);
    return input;
  }

  write(input, outside) {
    const text = this.values[input.dataset.name][input.dataset.index];
    // What is being typed stays; what was sent and could not be read does not.
    if (document.activeElement === input && !outside && input.value !== input.was) return;
    if (input.value !== text) input.value = text;
    input.was = text;
    input.classList.toggle("rvh-rest", Number(text) === 0);
    this.check(input);
  }

  check(input) {
    const text = input.value.trim().replaceAll("−", "-").replace(/^([+-]?\d*),(\d+)$/, "$1.$2");
    const legal = NUMBER.test(text) && Math.abs(Number(text)) <= this.data.bounds[input.dataset.name];
    if (legal) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  }

  typed(input) {
    const { name, index } = input.dataset;
    if (this.values[name][index] === input.value) return;
    this.values[name][index] = input.was = input.value;
    this.pump();
  }

  key(event, input) {
    const { key, shiftKey, altKey } = event;
    if (key === "Escape") {
      input.value = this.values[input.dataset.name][input.dataset.index];
      this.check(input);
    } else if (key === "Enter") {
      const at = this.inputs.indexOf(input) + (shiftKey ? -1 : 1);
      this.typed(input);
      (this.inputs[at] ?? input).focus();
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      const from = Number(input.value);
      if (!Number.isFinite(from)) return;
      const by = (key === "ArrowUp" ? 1 : -1) * (shiftKey ? 1 : altKey ? 0.01 : 0.1);
      const most = this.data.bounds[input.dataset.name];
      input.value = String(Number(Math.min(Math.max(from + by, -most), most).toFixed(10)));
      this.typed(input);
      this.check(input);
      input.select();
    } else return;
    event.preventDefault();
  }

  // Several numbers at once fill the fields from here on; more steps come into being where there are to be more.
  paste(event, input) {
    const words = event.clipboardData.getData("text").trim().split(/[\s;]+|,\s+/).filter(Boolean);
    if (words.length < 2) return;
    event.preventDefault();
    const { name } = input.dataset;
    const row = this.values[name];
    const steps = this.data.parts.find((part) => part.row?.steps?.name === name)?.row.steps;
    const most = steps ? steps.most : row.length;
    words.forEach((word, k) => {
      const at = Number(input.dataset.index) + k;
      if (at < most) row[at] = word;
    });
    this.pump();
  }

  resize(name, count) {
    const row = this.values[name];
    this.values[name] = count < row.length ? row.slice(0, count) : [...row, row.at(-1)];
    this.pump();
  }

  // At most one edit is under way; the next one, always all of the newest numbers, leaves when the page has settled.
  pump() {
    this.pending = true;
    if (this.waiting) return;
    this.pending = false;
    this.sent = Math.max(this.sent, this.data.seq) + 1;
    this.waiting = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.answered(true), PATIENCE);
    this.send("value", { v: this.values, seq: this.sent, version: this.data.version });
  }

  answered(late = false) {
    if (!this.waiting || (!late && this.data.seq < this.sent)) return;
    this.waiting = false;
    clearTimeout(this.timer);
    if (this.pending) this.pump();
  }

  destroy() {
    clearTimeout(this.timer);
    window.removeEventListener("rnnviz:settled", this.settled);
    this.node.remove();
  }
}

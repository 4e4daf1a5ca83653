// What the arithmetic of a node is written on: it is built once, and then texts alone change from step to step.
import { html, letters, spoken, weight } from "../letters.js";
import { spell } from "../scale.js";
import { place } from "./tree.js";
import { make } from "../../page.js";

export const NONE = "—"; // stands where a number is not finite

export class Board {
  constructor(model, { digits }, change) {
    this.model = model;
    this.digits = digits;
    this.change = change;
    this.moving = []; // what is done at each step
    this.lines = []; // what is checked with the rounded numbers
  }

  // `at` is {t, unit, playing}.
  update(at) {
    this.at = at;
    for (const move of this.moving) move(at);
  }

  spell(value) {
    return Number.isFinite(value) ? spell(value, this.digits) : NONE;
  }

  // A text that is `of(at)`.
  text(of, attributes = {}) {
    const text = document.createTextNode("");
    let last = "";
    this.moving.push((at) => {
      const next = of(at);
      if (next !== last) text.data = last = next;
    });
    return make("span", attributes, text);
  }

  // A number that is `of(at)`; with `bare` without its sign.
  number(of, { bare = false, ...attributes } = {}) {
    const shown = bare ? (value) => this.spell(Math.abs(value)) : (value) => this.spell(value);
    return this.text((at) => shown(of(at)), { class: "rvl-value", ...attributes });
  }

  // Whether a line of a list needs its numbers: those out of sight wait until the playing is over.
  sight(list, lines) {
    const seen = new Set(lines);
    const eye = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
      if (this.at) this.update(this.at);
    }, { root: list, rootMargin: "40px" });
    for (const line of lines) eye.observe(line);
    return (line, at) => !at.playing || seen.has(line);
  }

  // "+" or "−", as the number is that comes after it.
  sign(of) {
    return this.text((at) => (of(at) < 0 ? "−" : "+"), { class: "rvl-mark" });
  }

  // Where numbers of the weights are found in the state dict: "weight_hh_l0[19]", or with `all` "weight_hh_l0[16:32]".
  name(parameter, block, all = false) {
    const named = this.model.names[parameter];
    const at = (unit) => place(this.model, block, unit);
    const rows = all ? `${at(0)}:${at(this.model.H)}` : null;
    return this.text(({ unit }) => `${named}[${rows ?? at(unit ?? 0)}]`, { class: "rvl-where" });
  }

  // Elements that belong to a unit: brought out when it is chosen, and chosen by a click.
  row(unit, nodes) {
    let last = false;
    for (const node of nodes) node.onclick = () => this.change({ unit });
    this.moving.push((at) => {
      const now = at.unit === unit;
      if (now === last) return;
      last = now;
      for (const node of nodes) node.classList.toggle("rvl-chosen", now);
    });
  }

  // Its letters, which open it.
  link(name, content, tabindex = 0) {
    const open = () => this.change({ node: name });
    const word = spoken(letters(this.model, name));
    const node = make("span", { class: "rvl-link", role: "button", tabindex, "data-open": name,
      "aria-label": word, title: this.model.node(name).words, onclick: open });
    node.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open();
    };
    node.append(content ?? html(letters(this.model, name)));
    return node;
  }

  parameter(name, block) {
    return html([weight(this.model, name, block)]);
  }

  // A line of arithmetic: `by(at, round)` gives what comes of the rounded numbers, and what is shown.
  line(by) {
    this.lines.push(by);
  }

  // Whether a pocket calculator would find another last digit somewhere.
  differs(at) {
    const round = (value) => Number(this.spell(value).replaceAll("−", "-"));
    return this.lines.some((by) => {
      const [found, shown] = by(at, round);
      return Number.isFinite(found) && this.spell(found) !== this.spell(shown);
    });
  }
}

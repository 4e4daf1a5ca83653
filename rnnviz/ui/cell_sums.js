// The arithmetic of one node: its equation in the letters of the papers, and the same line with this step's numbers.
import { make } from "./page.js";

export class Sums {
  constructor(change) {
    this.change = change;
    this.node = make("div", { class: "rvl-sums" });
  }

  setup(model, head) {
    this.model = model;
    this.head = head;
  }

  show({ t, unit, node, over }) {
    const name = node ?? over;
    this.node.textContent = name ? `${name} = ${this.model.number(name, t, unit).toFixed(this.head.digits)}` : "";
  }
}

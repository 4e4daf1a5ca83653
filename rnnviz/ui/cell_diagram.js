// The picture of the cell: a box for each quantity of a step, wires that carry its numbers.
import { drawn, make } from "./page.js";

export class Diagram {
  constructor(change) {
    this.change = change;
    this.svg = drawn("svg", { class: "rvl-svg", role: "group" });
    this.node = make("div", { class: "rvl-diagram" }, this.svg);
  }

  setup(model, head, state) {
    this.model = model;
    this.head = head;
    const { width, height, boxes, wires } = model.layouts.wide;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    this.wires = wires.map((wire) => drawn("path", { class: "rvl-wire", "data-of": wire.of, fill: "none",
      stroke: "currentColor", d: `M${wire.points.map((point) => point.join(" ")).join("L")}` }));
    this.numbers = boxes.map((box) => {
      const text = drawn("text", { x: box.x, y: box.y + 14, "text-anchor": "middle", "data-node": box.name });
      const letter = drawn("text", { x: box.x, y: box.y - 4, "text-anchor": "middle" });
      letter.textContent = box.name;
      const frame = drawn("rect", { x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width,
        height: box.height, rx: 6, fill: "var(--st-background-color)", stroke: "currentColor" });
      const group = drawn("g", { tabindex: 0, role: "button", "data-box": box.name, fill: "currentColor" });
      group.append(frame, letter, text);
      group.onclick = () => this.change({ node: box.name });
      return group;
    });
    this.svg.append(...this.wires, ...this.numbers);
    this.show(state);
  }

  show({ t, unit }) {
    for (const group of this.numbers) {
      const text = group.querySelector("[data-node]");
      text.textContent = this.model.number(text.dataset.node, t, unit).toFixed(this.head.digits);
    }
  }
}

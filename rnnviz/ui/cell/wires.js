// The wires of the picture of a cell: lines of right angles with round corners, as thick and in the colour of what they
// carry. A rim keeps those apart that cross, and pale ones visible.
import { colour, thickness } from "./scale.js";
import { drawn } from "../page.js";

const ROUND = 9; // radius of a corner
const HEAD = 7; // length of an arrow's head
const DOT = 4; // radius of the place where wires part
const RIM = 1.6; // what the rim adds to the thickness

const between = ([ax, ay], [bx, by], far) => {
  const length = Math.hypot(bx - ax, by - ay) || 1;
  return [ax + ((bx - ax) * far) / length, ay + ((by - ay) * far) / length];
};
const spelt = (points) => points.map((point) => point.map((v) => Math.round(v * 100) / 100).join(" "));

// The path of a wire, up to the foot of its arrow.
function course(points) {
  const way = points.map((point) => [...point]);
  way.push(between(way.at(-1), way.at(-2), HEAD - 1));
  way.splice(-2, 1);
  const bits = [`M${spelt([way[0]])}`];
  for (let k = 1; k < way.length - 1; k++) {
    const [before, corner, after] = [way[k - 1], way[k], way[k + 1]];
    const room = Math.min(ROUND, ...[before, after].map(([x, y]) => Math.hypot(x - corner[0], y - corner[1]) / 2));
    const [start, middle, end] = spelt([between(corner, before, room), corner, between(corner, after, room)]);
    bits.push(`L${start}Q${middle} ${end}`);
  }
  return `${bits.join("")}L${spelt([way.at(-1)])}`;
}

// The three corners of an arrow's head, wider than the wire.
function head(points, width) {
  const [tip, foot] = [points.at(-1), between(points.at(-1), points.at(-2), HEAD)];
  const half = Math.max(4, width / 2 + 2.5);
  const [dx, dy] = [(tip[0] - foot[0]) / HEAD, (tip[1] - foot[1]) / HEAD];
  return spelt([tip, [foot[0] - half * dy, foot[1] + half * dx], [foot[0] + half * dy, foot[1] - half * dx]]).join(",");
}

export class Wires {
  constructor() {
    this.node = drawn("g", { class: "rvl-wires", "aria-hidden": "true" });
  }

  setup(layout) {
    const sources = grouped(layout.wires);
    this.sources = [...sources].map(([of, wires]) => ({ of, wires: wires.map((wire) => this.wire(wire)),
      // One path for all: each has to be drawn in every frame.
      flow: drawn("path", { class: "rvl-flow", d: wires.map(({ points }) => course(points)).join("") }) }));
    // All rims of a source lie under all its colours: where its wires part there is no seam.
    this.node.replaceChildren(...this.sources.map(({ of, wires, flow }) => {
      const group = drawn("g", {});
      const dots = layout.dots.filter((dot) => dot.of === of)
        .map(({ x, y }) => drawn("circle", { class: "rvl-dot", cx: x, cy: y, r: DOT }));
      const over = wires.flatMap(({ line, tip }) => [line, tip]);
      group.append(...wires.map(({ rim }) => rim), ...over, flow, ...dots);
      return group;
    }));
  }

  wire({ of, to, points }) {
    const d = course(points);
    const path = (kind) => drawn("path", { class: `rvl-${kind}`, d });
    return { of, to, points, rim: path("rim"), line: path("wire"),
      tip: drawn("polygon", { class: "rvl-tip" }) };
  }

  // What they carry at a step.
  show(t, unit, dark) {
    const { model } = this;
    for (const { of, wires } of this.sources) {
      const width = thickness(model, of, model.size(of, t, unit)).toFixed(1);
      const ink = model.each(of) ? colour(model, of, model.number(of, t, unit), dark) : "var(--rvl-many)";
      for (const wire of wires) {
        if (wire.ink !== ink) {
          wire.line.style.stroke = ink;
          wire.tip.style.fill = ink;
          wire.ink = ink;
        }
        if (wire.width !== width) {
          wire.line.style.strokeWidth = width;
          wire.rim.style.strokeWidth = Number(width) + RIM;
          wire.tip.setAttribute("points", head(wire.points, Number(width)));
          wire.width = width;
        }
      }
    }
  }

  // Those into a box stand out; "" for none.
  light(name) {
    for (const { wires, flow } of this.sources) {
      const into = wires.filter(({ to }) => name !== "" && to === name);
      for (const wire of wires) {
        for (const part of [wire.rim, wire.line, wire.tip]) part.classList.toggle("rvl-into", into.includes(wire));
      }
      flow.classList.toggle("rvl-into", into.length > 0);
    }
  }
}

function grouped(wires) {
  const found = new Map();
  for (const wire of wires) found.set(wire.of, [...(found.get(wire.of) ?? []), wire]);
  return found;
}

// The numbers of all units: what a mean is the mean of, and what a step is given.
import { html, letters } from "../letters.js";
import { parts } from "./tree.js";
import { make } from "../../page.js";

// A list of the numbers of a node; with `units` each is that of a unit, and a click chooses it.
export function listed(board, name, { units = true } = {}) {
  const { model } = board;
  const count = model.row(name, 0).length;
  const node = make("div", { class: "rvl-units", role: "list", tabindex: count > 24 ? 0 : null });
  const lines = Array.from({ length: count }, (_, j) => {
    const text = document.createTextNode("");
    const index = make("span", { class: "rvl-index" }, String(units ? model.called(j) : j));
    const value = make("span", { class: "rvl-value" }, text);
    const line = make("div", { class: "rvl-one-of", role: "listitem" }, index, value);
    if (units) board.row(j, [line]);
    return { line, text, last: "" };
  });
  node.append(...lines.map(({ line }) => line));
  const needed = board.sight(node, lines.map(({ line }) => line));
  board.moving.push((at) => {
    const row = model.row(name, at.t);
    lines.forEach((one, j) => {
      if (!needed(one.line, at)) return;
      const word = board.spell(row[j]);
      if (one.last !== word) one.text.data = one.last = word;
    });
  });
  return node;
}

// The same for all units.
export const everyone = (board, name) => [
  make("p", { class: "rvl-aside" }, html(letters(board.model, name)), ` of all ${board.model.H} units:`),
  listed(board, name),
];

// The mean over all units; with an expression also the quantities that it comes from, in short.
export function means(board, name, expression = null) {
  const { model } = board;
  const short = (of) => make("p", { class: "rvl-short" }, html(letters(model, of)), " = (", ...first(board, of), ")");
  const from = expression ? [...parts(expression)].filter(({ op }) => op === "value").map((one) => one.name) : [];
  return [
    ...[...new Set(from)].map(short),
    make("p", { class: "rvl-short" }, "The mean of ", html(letters(model, name)), ` over all ${model.H} units is `,
      board.number(({ t }) => model.number(name, t, null), { class: "rvl-value rvl-result", "data-number": "result" }),
      expression ? "; choose a unit to see how its own comes about:" : "."),
    ...(expression ? [listed(board, name)] : []),
  ];
}

const FIRST = 3;

function first(board, name) {
  const { model } = board;
  const count = model.row(name, 0).length;
  const all = Array.from({ length: count }, (_, j) => j);
  const shown = all.filter((j) => count <= FIRST + 2 || j < FIRST || j === count - 1);
  return shown.flatMap((j, k) => [...(k ? [k && j !== shown[k - 1] + 1 ? ", …, " : ", "] : []),
    board.number(({ t }) => model.row(name, t)[j])]);
}

// What the step is given: an input, or the state that the step before left behind.
export function source(board, name) {
  const { model } = board;
  if (!name.endsWith("_before")) {
    const label = board.text(({ t }) => (model.labels ? `At this step: ${model.labels[t]}` : ""));
    return [make("p", { class: "rvl-short" }, label), ...(model.D > 1 ? [listed(board, name, { units: false })] : [])];
  }
  const state = name[0];
  const back = make("button", { type: "button", class: "rvl-order" });
  back.onclick = () => board.change({ t: board.at.t - 1, node: state });
  back.append(board.text(({ t }) => `Back to step ${t}, which made it`));
  const zero = () => model.row(name, 0).every((value) => value === 0);
  const start = board.text(() => (zero() ? "Before the first step all units are 0." : "What the sequence begins with."));
  board.moving.push(({ t }) => {
    back.hidden = t === 0;
    start.hidden = t > 0;
  });
  return [make("p", { class: "rvl-short" }, start, back), listed(board, name)];
}

// All units at once, in vectors and matrices, where there are few: the row of the chosen one is brought out.
import { html, letters } from "./cell_letters.js";
import { formula } from "./cell_sums_ledger.js";
import { columns } from "./cell_sums_products.js";
import { FUNCTIONS, evaluate, moments, parts, place, plain, worth } from "./cell_sums_tree.js";
import { inLetters, NAMES, write } from "./cell_sums_write.js";
import { make } from "./page.js";

export function vectors(board, name, expression) {
  const { model } = board;
  const node = make("div", { class: "rvl-vectors" });
  for (const one of parts(expression)) if (one.op === "product") node.append(...matrix(board, one));
  const bounded = expression.op === "function" && [...parts(expression)].some(({ op }) => op === "product");
  const sum = bounded ? expression.of : expression;
  const networks = (unit) => ({ t }) => model.row(name, t)[unit];
  const result = () => vector(board, networks, html(letters(model, name)), "result");
  const inNumbers = expression.op === "norm" ? normalised(board, expression, (unit) => ({ t }) => worth(model, expression.of, t, unit))
    : write(sum, style(board));
  const own = (unit) => ({ t }) => worth(model, sum, t, unit);
  const whole = ["sum", "times", "rest", "function", "norm"].includes(sum.op);
  for (let unit = 0; unit < model.H && whole && sum.op !== "norm"; unit++) {
    board.line(({ t }, round) => [evaluate(sum, (leaf) => round(worth(model, leaf, t, unit))),
      bounded ? own(unit)({ t }) : networks(unit)({ t })]);
  }
  if (!bounded) {
    node.append(line(...(whole ? [inNumbers, "\u00a0=\u00a0"] : []), result()));
    return node;
  }
  const a = () => make("i", { class: "rvl-letter" }, "a");
  const words = formula(expression.kind);
  node.append(line(...(whole ? [inNumbers, "\u00a0=\u00a0"] : []), vector(board, own, a(), "a")),
    line(html(letters(model, name)), ` = ${NAMES[expression.kind]}(`, a(), ")\u00a0=\u00a0", result(),
      ...(words.length ? [make("small", {}, " each ", ...words)] : [])));
  for (let unit = 0; unit < model.H; unit++) {
    board.line((at, round) => [FUNCTIONS[expression.kind](round(own(unit)(at))), networks(unit)(at)]);
  }
  return node;
}

const line = (...content) => make("div", { class: "rvl-line" }, ...content);

// What an expression is written with: a vector in the place of each quantity.
function style(board) {
  const { model } = board;
  return {
    plus: () => "+",
    times: " ⊙ ",
    leaf: (leaf) => vector(board, (unit) => ({ t }) => worth(model, leaf, t, unit), inLetters(board, leaf), leaf.param ?? leaf.gain ?? leaf.matrix ?? leaf.name),
  };
}

// Numbers one below the other, in brackets: `of(unit)(at)`, under their letters.
export function vector(board, of, head, kind, count = board.model.H) {
  const cells = Array.from({ length: count }, (_, unit) => [board.number(of(unit))]);
  return brackets(board, cells, head, kind, count === board.model.H);
}

function brackets(board, rows, head, kind, units) {
  const body = make("span", { class: "rvl-brackets", "data-vector": kind, style: `--columns: ${rows[0].length}` });
  rows.forEach((cells, unit) => {
    for (const cell of cells) body.append(cell);
    if (units) board.row(unit, cells);
  });
  return head ? make("span", { class: "rvl-stack" }, make("span", { class: "rvl-over" }, head), body) : body;
}

// A block of a matrix times a vector, and what comes of it.
function matrix(board, expression) {
  const { model } = board;
  const { matrix: name, block, from, gain } = expression;
  const chosen = columns(model, expression);
  const count = chosen ? chosen(0).length : model.row(from, 0).length;
  const at = (j, t) => (chosen ? chosen(t)[j] : j);
  const row = (unit) => model.param(name)[place(model, block, unit)];
  const rows = Array.from({ length: model.H }, (_, unit) =>
    Array.from({ length: count }, (_, j) => board.number(({ t }) => row(unit)[at(j, t)])));
  const before = (unit) => ({ t }) => plain(model, expression, t, unit);
  for (let unit = 0; unit < model.H; unit++) {
    board.line(({ t }, round) => [row(unit).reduce((sum, w, j) => sum + round(w) * round(model.row(from, t)[j]), 0), before(unit)({ t })]);
  }
  const values = Array.from({ length: count }, (_, j) => [board.number(({ t }) => model.row(from, t)[at(j, t)])]);
  const caption = make("div", { class: "rvl-caption" }, make("span", {}, inLetters(board, { ...expression, gain: "" })),
    board.name(name, block, true));
  const numbers = line(brackets(board, rows, null, name, true), " ", brackets(board, values, null, `${name} of`, false),
    "\u00a0=\u00a0", vector(board, before, null, `${name} product`));
  const left = chosen ? [make("small", { class: "rvl-aside" }, board.text(({ t }) =>
    `Column${count > 1 ? "s" : ""} ${chosen(t).join(", ")}: all others meet a 0.`))] : [];
  if (!gain) return [caption, numbers, ...left];
  const after = (unit) => ({ t }) => worth(model, expression, t, unit);
  return [caption, numbers, ...left, line(normalised(board, expression, before), "\u00a0=\u00a0", vector(board, after, null, gain))];
}

// "γ ⊙ (v − mean) / deviation + b", with vectors.
function normalised(board, expression, before) {
  const { model } = board;
  const { gain, bias, block } = expression;
  const of = ({ t }) => moments(model, expression, t);
  const parameter = (name) => vector(board, (unit) => ({ t }) => worth(model, { op: "weight", param: name, block }, t, unit), null, name);
  const node = make("span", { class: "rvl-whole" }, "(", vector(board, before, null, "before"), "\u00a0", board.sign((at) => -of(at).mean),
    "\u00a0", board.number((at) => of(at).mean, { bare: true }), ")\u00a0/\u00a0", board.number((at) => of(at).deviation));
  if (model.param(gain)) node.prepend(parameter(gain), " ⊙ ");
  if (bias && model.param(bias)) node.append(" + ", parameter(bias));
  return node;
}

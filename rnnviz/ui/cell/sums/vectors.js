// All units at once, in vectors and matrices, where there are few: the row of the chosen one is brought out.
import { html, letters } from "../letters.js";
import { formula } from "./ledger.js";
import { columns } from "./products.js";
import { FUNCTIONS, evaluate, moments, parts, place, worth } from "./tree.js";
import { inLetters, NAMES, write } from "./write.js";
import { make } from "../../page.js";

export function vectors(board, name, expression) {
  const { model } = board;
  const node = make("div", { class: "rvl-vectors" });
  const all = [...parts(expression)];
  const products = all.filter(({ op }) => op === "product").map((one) => make("div", {}, ...matrix(board, one)));
  if (products.length) node.append(make("div", { class: "rvl-blocks" }, ...products));
  for (const one of all) if (one.op === "norm" && one !== expression) node.append(normal(board, one));
  const bounded = expression.op === "function" && all.some(({ op }) => op === "product");
  const sum = bounded ? expression.of : expression;
  const networks = (unit) => ({ t }) => model.row(name, t)[unit];
  const result = (head) => vector(board, networks, head, "result");
  const letter = () => html(letters(model, name));
  const inNumbers = expression.op === "norm" ? normalised(board, expression) : write(sum, style(board));
  const own = (unit) => ({ t }) => worth(model, sum, t, unit);
  const whole = ["sum", "times", "rest", "function", "norm"].includes(sum.op);
  for (let unit = 0; unit < model.H && whole && sum.op !== "norm"; unit++) {
    board.line(({ t }, round) => [evaluate(sum, (leaf) => round(worth(model, leaf, t, unit))),
      bounded ? own(unit)({ t }) : networks(unit)({ t })]);
  }
  if (!bounded) {
    node.append(line(...(whole ? [inNumbers, equal(result(letter()))] : [result(letter())])));
    return node;
  }
  const a = () => make("i", { class: "rvl-letter" }, "a");
  const words = formula(expression.kind);
  node.append(line(inNumbers, equal(vector(board, own, a(), "a"))),
    line(letter(), ` = ${NAMES[expression.kind]}(`, a(), ")\u00a0=\u00a0", result(null),
      ...(words.length ? [make("small", {}, " each ", ...words)] : [])));
  for (let unit = 0; unit < model.H; unit++) {
    board.line((at, round) => [FUNCTIONS[expression.kind](round(own(unit)(at))), networks(unit)(at)]);
  }
  return node;
}

const equal = (found) => make("span", { class: "rvl-whole" }, " =\u00a0", found);
const line = (...content) => make("div", { class: "rvl-line" }, ...content);

// What an expression is written with: a vector in the place of each quantity.
function style(board) {
  const { model } = board;
  return {
    plus: () => "+",
    times: " ⊙ ",
    leaf: (leaf) => vector(board, (unit) => ({ t }) => worth(model, leaf, t, unit), inLetters(board, leaf),
      leaf.gain ?? leaf.param ?? (leaf.matrix ? `${leaf.matrix} summand` : leaf.name)),
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
  const { matrix: name, block, from } = expression;
  const chosen = columns(model, expression);
  const count = chosen ? chosen(0).length : model.row(from, 0).length;
  const at = (j, t) => (chosen ? chosen(t)[j] : j);
  const row = (unit) => model.param(name)[place(model, block, unit)];
  const rows = Array.from({ length: model.H }, (_, unit) =>
    Array.from({ length: count }, (_, j) => board.number(({ t }) => row(unit)[at(j, t)])));
  const before = (unit) => ({ t }) => worth(model, expression, t, unit);
  for (let unit = 0; unit < model.H; unit++) {
    board.line(({ t }, round) => [
      row(unit).reduce((sum, weight, j) => sum + round(weight) * round(model.row(from, t)[j]), 0),
      before(unit)({ t }),
    ]);
  }
  const values = Array.from({ length: count }, (_, j) => [board.number(({ t }) => model.row(from, t)[at(j, t)])]);
  const caption = make("div", { class: "rvl-caption" }, make("span", {}, inLetters(board, expression)),
    board.name(name, block, true));
  const numbers = line(brackets(board, rows, null, name, true), " ", brackets(board, values, null, `${name} of`, false),
    "\u00a0=\u00a0", vector(board, before, null, `${name} product`));
  const left = chosen ? [make("small", { class: "rvl-aside" }, board.text(({ t }) =>
    `Column${count > 1 ? "s" : ""} ${chosen(t).join(", ")}: all others meet a 0.`))] : [];
  return [caption, numbers, ...left];
}

// What layer norm makes of a product, or of a sum of products.
function normal(board, norm) {
  const { model } = board;
  const before = (unit) => ({ t }) => worth(model, norm.of, t, unit);
  const after = (unit) => ({ t }) => worth(model, norm, t, unit);
  const summed = norm.of.op === "sum"
    ? [line(write(norm.of, style(board)), equal(vector(board, before, null, "before")))] : [];
  return make("div", {}, make("div", { class: "rvl-caption" }, make("span", {}, inLetters(board, norm))), ...summed,
    line(normalised(board, norm), equal(vector(board, after, null, norm.gain))));
}

// "γ ⊙ (v − mean) / deviation + b", with vectors.
function normalised(board, norm) {
  const { model } = board;
  const { gain, bias, block } = norm;
  const of = ({ t }) => moments(model, norm, t);
  const weight = (param) => ({ op: "weight", param, block });
  const parameter = (name) => vector(board, (unit) => ({ t }) => worth(model, weight(name), t, unit), null, name);
  const before = vector(board, (unit) => ({ t }) => worth(model, norm.of, t, unit), null, "before");
  const node = make("span", { class: "rvl-whole" }, "(", before, "\u00a0", board.sign((at) => -of(at).mean), "\u00a0",
    board.number((at) => of(at).mean, { bare: true }), ")\u00a0/\u00a0", board.number((at) => of(at).deviation));
  if (model.param(gain)) node.prepend(parameter(gain), " ⊙ ");
  if (bias && model.param(bias)) node.append(" + ", parameter(bias));
  return node;
}

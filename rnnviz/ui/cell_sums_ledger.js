// One unit of a quantity that weights make, as on a receipt: each summand, under it what it is made of, then their sum a
// and what the function makes of it.
import { html, letters } from "./cell_letters.js";
import { checked, normalised, numbers } from "./cell_sums_chain.js";
import { products } from "./cell_sums_products.js";
import { FUNCTIONS, parts, plain, worth } from "./cell_sums_tree.js";
import { inLetters, NAMES } from "./cell_sums_write.js";
import { make } from "./page.js";

const slanted = (letter) => make("i", { class: "rvl-letter" }, letter);

// What a function is, in a formula.
export const formula = (kind) => ({
  sigmoid: ["1 / (1 + e", make("sup", {}, "−", slanted("a")), ")"],
  relu: ["the larger of ", slanted("a"), " and 0"],
}[kind] ?? []);

export function ledger(board, name, expression) {
  const { model } = board;
  const bounded = expression.op === "function";
  const sum = bounded ? expression.of : expression;
  const node = make("div", { class: "rvl-ledger" });
  const own = ({ t, unit }) => worth(model, sum, t, unit ?? 0);
  const networks = ({ t, unit }) => model.number(name, t, unit ?? 0);
  const result = board.number(networks, { class: "rvl-value rvl-result", "data-number": "result" });
  const head = html(letters(model, name));
  account(board, node, sum);
  if (bounded) {
    row(node, "rvl-total", "=", [slanted("a")], [], board.number(own, { "data-number": "a" }));
    const words = formula(expression.kind);
    row(node, "rvl-last", "", [head, ` = ${NAMES[expression.kind]}(`, slanted("a"), ")"],
      words.length ? [make("small", {}, "= ", ...words)] : [], result);
    board.line((at, round) => [FUNCTIONS[expression.kind](round(own(at))), networks(at)]);
  } else row(node, "rvl-total rvl-last", "=", [head], [], result);
  return node;
}

function row(node, kind, sign, label, detail, ...value) {
  node.append(make("div", { class: `rvl-row ${kind}` }, make("span", { class: "rvl-plus" }, sign),
    make("span", { class: "rvl-label" }, ...label), make("span", { class: "rvl-detail" }, ...detail), ...value));
}

// How the number above comes about.
const worked = (node, ...words) => row(node, "rvl-worked", "", words, []);

// The summands of a sum, one below the other.
function account(board, node, sum) {
  const { model } = board;
  const items = sum.op === "sum" ? sum.items : [sum];
  items.forEach((item, k) => summand(board, node, item, k ? "+" : ""));
  board.line(({ t, unit }, round) => [
    items.reduce((all, item) => all + round(worth(model, item, t, unit ?? 0)), 0),
    worth(model, sum, t, unit ?? 0),
  ]);
}

function summand(board, node, item, sign) {
  const { model } = board;
  const own = [...parts(item)];
  const weights = own.filter(({ op }) => op === "weight" || op === "product");
  const nested = item.op === "product" ? undefined : own.find(({ op }) => op === "sum" || op === "product");
  const names = nested ? [] : weights.map(({ matrix, param, block }) => board.name(matrix ?? param, block));
  const made = item.op === "product" ? products(board, item) : {};
  if (made.button) names.unshift(made.button);
  const kind = nested ? item.node : weights[0]?.matrix ?? weights[0]?.param ?? item.name ?? item.node;
  row(node, "", sign, [inLetters(board, item)], names,
    board.number(({ t, unit }) => worth(model, item, t, unit ?? 0), { "data-number": kind }));
  if (item.op === "product") product(board, node, item, made);
  else if (nested) inner(board, node, item, nested);
  else if (item.op !== "weight" && item.op !== "value") {
    worked(node, numbers(board, item));
    checked(board, item);
  }
}

// A row of a matrix times a vector, which may be normalised.
function product(board, node, item, { short, content }) {
  const { model } = board;
  if (short) worked(node, content);
  else node.append(content);
  if (!item.gain) return;
  const before = ({ t, unit }) => plain(model, item, t, unit ?? 0);
  worked(node, "= ", board.number(before, { "data-number": `${item.matrix} before` }));
  worked(node, normalised(board, item, before));
}

// A sum within a summand, as in r ⊙ (W h + b).
function inner(board, node, item, nested) {
  const { model } = board;
  const own = make("div", { class: "rvl-ledger rvl-inner" });
  account(board, own, nested);
  if (nested.op === "sum") {
    row(own, "rvl-total", "=", [], [], board.number(({ t, unit }) => worth(model, nested, t, unit ?? 0), { "data-number": "inner" }));
  }
  const done = (one) => {
    if (one === nested) return { op: "number", of: one };
    return one.items ? { ...one, items: one.items.map(done) } : one.of ? { ...one, of: done(one.of) } : one;
  };
  node.append(own);
  worked(node, numbers(board, done(item)));
  checked(board, done(item));
}

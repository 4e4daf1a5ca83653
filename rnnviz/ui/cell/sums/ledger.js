// One unit of a quantity that weights make, as on a receipt: each summand, under it what it is made of, then their sum
// a and what the function makes of it.
import { html, letters } from "../letters.js";
import { checked, normalised, numbers } from "./chain.js";
import { products } from "./products.js";
import { FUNCTIONS, moments, parts, worth } from "./tree.js";
import { inLetters, NAMES } from "./write.js";
import { make } from "../../page.js";

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
  const nested = item.op !== "product" && item.of?.op !== "product" && own.find((one) => one !== item
    && (one.op === "product" || (one.op === "sum" && [...parts(one)].some(({ op }) => op === "product"))));
  const names = nested ? [] : weights.map(({ matrix, param, block }) => board.name(matrix ?? param, block));
  const [product] = nested ? [] : weights.filter(({ op }) => op === "product");
  const made = product ? products(board, product) : {};
  const kind = item.gain ?? (nested ? item.node : weights[0]?.matrix ?? weights[0]?.param ?? item.name ?? item.node);
  const value = (of, name) => board.number(({ t, unit }) => worth(model, of, t, unit ?? 0), { "data-number": name });
  row(node, "", sign, [inLetters(board, item)], [made.button ?? "", ...names], value(item, kind));
  const before = item.op === "norm" && product
    ? [made.short ? " = " : "their sum: ", value(product, `${product.matrix} before`)] : [];
  if (product && made.short) worked(node, made.content, ...before);
  else if (product) {
    node.append(made.content);
    if (before.length) worked(node, ...before);
  }
  if (nested) node.append(inner(board, nested));
  if (item.op === "norm") normal(board, node, item);
  else if (nested || (!product && item.op !== "weight" && item.op !== "value")) {
    const done = nested ? replaced(item, nested) : item;
    worked(node, numbers(board, done));
    checked(board, done);
  }
}

const replaced = (one, nested) => {
  if (one === nested) return { op: "number", of: one };
  return one.items ? { ...one, items: one.items.map((item) => replaced(item, nested)) }
    : one.of ? { ...one, of: replaced(one.of, nested) } : one;
};

// A sum within a summand, as in r ⊙ (W h + b).
function inner(board, nested) {
  const node = make("div", { class: "rvl-ledger rvl-inner" });
  account(board, node, nested);
  if (nested.op === "sum") {
    const total = ({ t, unit }) => worth(board.model, nested, t, unit ?? 0);
    row(node, "rvl-total", "=", [], [], board.number(total, { "data-number": "inner" }));
  }
  return node;
}

function normal(board, node, item) {
  const words = normalised(board, item, ({ t, unit }) => worth(board.model, item.of, t, unit ?? 0));
  row(node, "rvl-worked", "", [words], board.model.param(item.gain) ? [board.name(item.gain, item.block)] : []);
}

// What layer norm does, in words.
export function aside(board, expression) {
  const [norm] = [...parts(expression)].filter(({ op }) => op === "norm");
  if (!norm) return [];
  const { count } = moments(board.model, norm, 0);
  return [make("p", { class: "rvl-aside" },
    `LN takes the mean μ of all ${count} numbers away and divides by s, the root of their variance + 0.00001.`)];
}

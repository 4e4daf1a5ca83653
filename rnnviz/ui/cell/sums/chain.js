// Unit by unit: "0.731 · −0.204 + 0.429 · −0.231", then what the products come to, then their sum.
import { html, letters } from "../letters.js";
import { evaluate, moments, worth } from "./tree.js";
import { write } from "./write.js";
import { make } from "../../page.js";

const RANKS = { rest: 0, function: 0, times: 1, sum: 2 };
const inside = ({ items, of }) => items ?? [of];
const leaf = ({ op }) => RANKS[op] === undefined;
const ready = (expression) => !leaf(expression) && inside(expression).every(leaf);

function* steps(expression) {
  if (leaf(expression)) return;
  if (ready(expression)) yield expression;
  else for (const inner of inside(expression)) yield* steps(inner);
}

// The expression with what is next worked out: functions, then products, then sums.
function reduced(expression) {
  const rank = Math.min(...Array.from(steps(expression), ({ op }) => RANKS[op]));
  const go = (one) => {
    if (leaf(one)) return one;
    if (ready(one) && RANKS[one.op] === rank) return { op: "number", of: one };
    return one.items ? { ...one, items: one.items.map(go) } : { ...one, of: go(one.of) };
  };
  return go(expression);
}

// A line of numbers for the chosen unit; an expression may hold anything that is worth something.
export function numbers(board, expression) {
  const { model } = board;
  const of = (one) => ({ t, unit }) => worth(model, one, t, unit ?? 0);
  const first = (item) => (item.op === "times" ? first(item.items[0]) : leaf(item) ? item : null);
  return write(expression, {
    times: " · ",
    plus: (item) => (first(item) ? board.sign(of(first(item))) : "+"),
    signed: (item) => Boolean(first(item)),
    leaf: (one, bare) => board.number(of(one), { bare }),
  });
}

// What a pocket calculator makes of the rounded numbers in an expression, against what is shown.
export function checked(board, expression, shown) {
  const { model } = board;
  board.line(({ t, unit }, round) => [
    evaluate(expression, (one) => round(worth(model, one, t, unit ?? 0))),
    shown ? shown({ t, unit }) : worth(model, expression, t, unit ?? 0),
  ]);
}

export function chain(board, name, expression) {
  const { model } = board;
  const node = make("div", { class: "rvl-chain" });
  const add = (letter, ...words) =>
    node.append(make("span", { class: "rvl-lhs" }, letter), make("span", {}, "=\u00a0", ...words));
  const networks = ({ t, unit }) => model.number(name, t, unit ?? 0);
  let now = expression;
  let letter = html(letters(model, name));
  if (now.op === "norm") {
    add(letter, normalised(board, now, ({ t, unit }) => worth(model, now.of, t, unit ?? 0)));
    letter = "";
  }
  while (!leaf(now)) {
    add(letter, numbers(board, now));
    letter = "";
    const next = reduced(now);
    if (leaf(next)) checked(board, now, networks);
    else for (const step of steps(now)) checked(board, step);
    now = next;
  }
  add(letter, board.number(networks, { class: "rvl-value rvl-result", "data-number": "result" }));
  return node;
}

// "γ · (c − mean) / deviation + b" of a normalised quantity, which was `before(at)`.
export function normalised(board, expression, before) {
  const { model } = board;
  const { gain, bias, block } = expression;
  const mean = ({ t }) => moments(model, expression, t).mean;
  const deviation = ({ t }) => moments(model, expression, t).deviation;
  const parameter = (name) => ({ t, unit }) => worth(model, { op: "weight", param: name, block }, t, unit ?? 0);
  const node = make("span", {}, "(", board.number(before), " ", board.sign((at) => -mean(at)), "\u00a0",
    board.number(mean, { bare: true }), ")\u00a0/\u00a0", board.number(deviation));
  if (model.param(gain)) node.prepend(board.number(parameter(gain)), " · ");
  if (bias && model.param(bias)) {
    node.append(" ", board.sign(parameter(bias)), "\u00a0", board.number(parameter(bias), { bare: true }));
  }
  const [scale, shift] = [gain, bias].map((name, k) => (name && model.param(name) ? parameter(name) : () => 1 - k));
  board.line((at, round) => [
    round(scale(at)) * (round(before(at)) - round(mean(at))) / round(deviation(at)) + round(shift(at)),
    worth(model, expression, at.t, at.unit ?? 0),
  ]);
  return node;
}

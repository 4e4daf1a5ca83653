// A quantity of a step as an expression of those that have letters, and its worth in double precision from the weights
// and values that Python sent. An expression is {op, ...}; that of a whole node says which in `node`.
//   value    a quantity of the step: name           product   rows of a matrix times `of`: matrix, block, from
//   weight   a parameter, one a unit: param, block  norm      layer norm of `of`, over blocks or units: gain, bias
//   sum, times   their `items`      rest   1 - `of`      function   of `of`: kind
import { letter, product } from "../letters.js";

const EPSILON = 1e-5; // what PyTorch's layer norm adds to the variance

export const FUNCTIONS = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  tanh: Math.tanh,
  relu: (a) => (a < 0 ? 0 : a),
};

export function tree(model, name) {
  const node = model.node(name);
  // A word such as "kept" is written out, unless it is an arithmetic of its own.
  const inner = (of) => {
    const found = model.node(of);
    const whole = letter(of) || found.kind === "norm" || (found.terms.length && !product(found));
    return whole ? { op: "value", name: of } : tree(model, of);
  };
  const own = (expression) => ({ ...expression, node: name });
  const bounded = (of) => own(FUNCTIONS[node.kind] ? { op: "function", kind: node.kind, of } : of);
  if (node.terms.length) return bounded(sum(summands(model, node, inner)));
  const of = node.of.map(inner);
  switch (node.kind) {
    case "source": return own({ op: "value", name });
    case "times": return own({ op: "times", items: of });
    case "plus": return own(sum(of.flatMap((item) => (item.op === "sum" ? item.items : [item]))));
    case "complement": return own({ op: "rest", of: of[0] });
    case "norm": return own({ op: "norm", of: of[0], gain: "gain_c", bias: "bias_c", block: "" });
    default: return bounded(of[0]);
  }
}

const sum = (items) => (items.length > 1 ? { op: "sum", items } : items[0]);

function summands(model, { block, terms, gain: shared }, inner) {
  const bias = (term) => (term.bias && model.param(term.bias) ? [{ op: "weight", param: term.bias, block }] : []);
  const found = ({ of, matrix, each }) => {
    if (each) return { op: "times", items: [{ op: "weight", param: each, block: "" }, inner(of)] };
    return matrix ? { op: "product", matrix, block, of: inner(of), from: of } : inner(of);
  };
  const normal = (of, gain, over) => ({ op: "norm", of, gain, block, over: over?.length ? over : model.blocks });
  if (!shared) {
    const one = (term) => (term.gain ? normal(found(term), term.gain, term.over) : found(term));
    return terms.flatMap((term) => [one(term), ...bias(term)]);
  }
  const weighed = terms.filter(({ matrix }) => matrix);
  const others = terms.filter(({ matrix }) => !matrix);
  return [normal(sum(weighed.map(found)), shared), ...weighed.flatMap(bias), ...others.map(found)];
}

// All expressions in one, itself first.
export function* parts(expression) {
  yield expression;
  for (const item of expression.items ?? (expression.of ? [expression.of] : [])) yield* parts(item);
}

// The row of a matrix that belongs to a unit, or the entry of a vector of parameters.
export const place = (model, block, unit) => Math.max(model.blocks.indexOf(block), 0) * model.H + unit;

function dot(row, values) {
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += row[j] * values[j];
  return sum;
}

const known = new WeakMap(); // expressions, and what they were normalised with last

// The mean of the numbers that layer norm acts on, and what it divides by.
export function moments(model, norm, t) {
  const last = known.get(norm);
  if (last?.t === t && last.of === model.nodes) return last;
  const of = (block) => Array.from({ length: model.H }, (_, unit) => evaluate(norm.of, (leaf) =>
    worth(model, leaf.op === "product" ? { ...leaf, block } : leaf, t, unit)));
  const all = (norm.over ?? [""]).flatMap(of);
  const mean = all.reduce((total, value) => total + value, 0) / all.length;
  const square = all.reduce((total, value) => total + (value - mean) ** 2, 0) / all.length;
  const found = { t, of: model.nodes, mean, deviation: Math.sqrt(square + EPSILON), count: all.length };
  known.set(norm, found);
  return found;
}

// What an expression comes to, when `leaf` tells the worth of the quantities in it.
export function evaluate(expression, leaf) {
  const of = (inner) => evaluate(inner, leaf);
  switch (expression.op) {
    case "sum": return expression.items.reduce((sum, item) => sum + of(item), 0);
    case "times": return expression.items.reduce((product, item) => product * of(item), 1);
    case "rest": return 1 - of(expression.of);
    case "function": return FUNCTIONS[expression.kind](of(expression.of));
    default: return leaf(expression);
  }
}

// What it is worth for a unit at a step. A "number" stands for what was worked out before.
export const worth = (model, expression, t, unit) => evaluate(expression, (leaf) => {
  const { op, block, gain, bias, of } = leaf;
  const parameter = (name) => model.param(name)?.[place(model, block, unit)];
  switch (op) {
    case "number": return worth(model, of, t, unit);
    case "value": return model.row(leaf.name, t)[unit];
    case "weight": return parameter(leaf.param);
    case "product": return dot(parameter(leaf.matrix), model.row(leaf.from, t));
  }
  const { mean, deviation } = moments(model, leaf, t);
  return (parameter(gain) ?? 1) * ((worth(model, of, t, unit) - mean) / deviation) + (parameter(bias) ?? 0);
});

// How large the numbers are that meet in an expression: what float32 rounds is a small part of it.
function size(model, expression, t, unit) {
  const { op, items, of } = expression;
  const inner = (one) => size(model, one, t, unit);
  const parameter = (name) => model.param(name)?.[place(model, expression.block, unit)];
  switch (op) {
    case "sum": return items.reduce((total, item) => total + inner(item), 0);
    case "times": return items.reduce((product, item) => product * inner(item), 1);
    case "rest": case "function": return 1 + inner(of);
    case "product": return parameter(expression.matrix).reduce((total, weight, j) =>
      total + Math.abs(weight * model.row(expression.from, t)[j]), 0);
    case "norm": {
      const { mean, deviation } = moments(model, expression, t);
      const among = (inner(of) + Math.abs(mean)) / deviation;
      return 1 + Math.abs(parameter(expression.gain) ?? 1) * among * (1 + among);
    }
    default: return Math.abs(worth(model, expression, t, unit));
  }
}

// Whether a number of the network is the one that the arithmetic gives, but for what float32 rounds. Where that ends,
// the network has no number any more.
export function agrees(model, expression, t, unit, own, networks) {
  const among = size(model, expression, t, unit);
  if (!(among < 1e37)) return true;
  return Math.abs(own - networks) <= 1e-7 * (12 + model.H + model.D) * among + 1e-37;
}

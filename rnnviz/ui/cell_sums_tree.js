// A quantity of a step as an expression of those that have letters, and its worth in double precision from the weights
// and values that Python sent. An expression is {op, ...}; that of a whole node says which in `node`.
//   value    a quantity of the step: name         product   rows of a matrix times `of`: matrix, block, gain, from
//   weight   a parameter, one a unit: param, block        sum, times   their `items`
//   rest     1 - `of`       function  of `of`: kind       norm   layer norm of `of`: gain, bias
import { letter } from "./cell_letters.js";

const EPSILON = 1e-5; // what PyTorch's layer norm adds to the variance

export const FUNCTIONS = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  tanh: Math.tanh,
  relu: (a) => (a < 0 ? 0 : a),
};

export function tree(model, name) {
  const node = model.node(name);
  // A word such as "kept" is written out, unless weights or a norm make it: that is an arithmetic of its own.
  const inner = (of) => {
    const { kind, terms } = model.node(of);
    const whole = letter(of) || kind === "norm" || (terms.length && kind !== "linear");
    return whole ? { op: "value", name: of } : tree(model, of);
  };
  const bounded = (of) => (FUNCTIONS[node.kind] ? { op: "function", kind: node.kind, of, node: name } : { ...of, node: name });
  if (node.terms.length) {
    const items = node.terms.flatMap((term) => summands(model, node.block, term, inner(term.of)));
    return bounded(items.length > 1 ? { op: "sum", items } : items[0]);
  }
  const of = node.of.map(inner);
  switch (node.kind) {
    case "source": return { op: "value", name, node: name };
    case "times": return { op: "times", items: of, node: name };
    case "plus": return { op: "sum", items: of, node: name };
    case "complement": return { op: "rest", of: of[0], node: name };
    case "norm": return { op: "norm", of: of[0], gain: "gain_c", bias: "bias_c", node: name };
    default: return bounded(of[0]);
  }
}

function summands(model, block, { of, matrix, bias, gain, each }, inner) {
  if (each) return [{ op: "times", items: [{ op: "weight", param: each, block: "" }, inner] }];
  if (!matrix) return [inner];
  const product = { op: "product", matrix, block, gain, of: inner, from: of };
  return bias && model.param(bias) ? [product, { op: "weight", param: bias, block }] : [product];
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

// The mean of the numbers that layer norm acts on, and what it divides by: for a product these are the rows of all gates.
export function moments(model, expression, t) {
  const last = known.get(expression);
  if (last?.t === t) return last;
  const all = expression.op === "norm"
    ? Array.from({ length: model.H }, (_, unit) => worth(model, expression.of, t, unit))
    : model.param(expression.matrix).map((row) => dot(row, model.row(expression.from, t)));
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const square = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  const found = { t, mean, deviation: Math.sqrt(square + EPSILON), count: all.length };
  known.set(expression, found);
  return found;
}

// A product of a row with a vector, before it is normalised.
export function plain(model, { matrix, block, from }, t, unit) {
  return dot(model.param(matrix)[place(model, block, unit)], model.row(from, t));
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
  const parameter = (name) => model.param(name)?.[place(model, leaf.block, unit)];
  switch (leaf.op) {
    case "number": return worth(model, leaf.of, t, unit);
    case "value": return model.row(leaf.name, t)[unit];
    case "weight": return parameter(leaf.param);
  }
  const value = leaf.op === "norm" ? worth(model, leaf.of, t, unit) : plain(model, leaf, t, unit);
  if (leaf.op === "product" && !leaf.gain) return value;
  const { mean, deviation } = moments(model, leaf, t);
  return (parameter(leaf.gain) ?? 1) * ((value - mean) / deviation) + (parameter(leaf.bias) ?? 0);
});

// How large the numbers are that meet in an expression: what float32 rounds is a small part of it.
function size(model, expression, t, unit) {
  const { op } = expression;
  const of = (inner) => size(model, inner, t, unit);
  switch (op) {
    case "value": case "weight": return Math.abs(worth(model, expression, t, unit));
    case "sum": return expression.items.reduce((sum, item) => sum + of(item), 0);
    case "times": return expression.items.reduce((product, item) => product * of(item), 1);
    case "rest": case "function": return 1 + of(expression.of);
  }
  let among = 0;
  if (op === "norm") among = of(expression.of);
  else {
    const row = model.param(expression.matrix)[place(model, expression.block, unit)];
    const values = model.row(expression.from, t);
    for (let j = 0; j < row.length; j++) among += Math.abs(row[j] * values[j]);
    if (!expression.gain) return among;
  }
  const { mean, deviation } = moments(model, expression, t);
  const gain = Math.abs(model.param(expression.gain)?.[place(model, expression.block, unit)] ?? 1);
  return 1 + gain * (among + Math.abs(mean)) / deviation * (1 + among / deviation);
}

// Whether a number of the network is the one that the arithmetic gives, but for what float32 rounds. Where that ends,
// the network has no number any more.
export function agrees(model, expression, t, unit, own, networks) {
  const among = size(model, expression, t, unit);
  if (!(among < 1e37)) return true;
  return Math.abs(own - networks) <= 1e-7 * (12 + model.H + model.D) * among + 1e-37;
}

// The letters of a cell as papers write them, from its graph alone: a new cell needs nothing here. A word is a list of
// pieces {text, sub, letter}: what stands on the line, under it, and whether it is a letter, which stands slanted.
import { drawn, make } from "../page.js";

const FUNCTIONS = { tanh: "tanh", sigmoid: "σ", relu: "ReLU", norm: "LN" };

// A quantity that has a letter of its own: "f", "h_before"; undefined for a word such as "kept".
export function letter(name) {
  if (name.endsWith("_before")) return { text: name[0], sub: "t−1", letter: true };
  return name.length === 1 ? { text: name, sub: "t", letter: true } : undefined;
}

// W_{if}, b_{hf}: the rows of a parameter that belong to a block of the gates. With one block its name is left out.
export function weight(model, parameter, block) {
  const [kind, from] = parameter.split("_"); // "weight_ih", "bias_hh", "weight_ci" (a peephole), "gain_ih"
  const text = { weight: "W", bias: "b", gain: "γ" }[kind];
  if (from.length === 2 && from[0] === "c") return { text: "p", sub: from[1], letter: true };
  const many = block && model.blocks.length > 1;
  return { text, sub: many ? from[0] + block : from, letter: true };
}

// How a node is written: its letter, or for a word what it is made of, "f_t ⊙ c_{t−1}". With `short` sums within it
// are left out, to fit a box: "r_t ⊙ (…)".
export function letters(model, name, short = false) {
  const node = model.node(name);
  const own = letter(name);
  if (own) return [own];
  const part = (of, tight = false) => {
    const inner = letters(model, of, short);
    if (!tight || inner.length === 1) return inner;
    const { kind, terms } = model.node(of);
    if (!terms.length && kind !== "plus" && kind !== "complement") return inner;
    return short && terms.length ? [plain("(…)")] : [plain("("), ...inner, plain(")")];
  };
  if (node.terms.length) return named(model, node);
  switch (node.kind) {
    case "times": return [...part(node.of[0], true), plain(" ⊙ "), ...part(node.of[1], true)];
    case "plus": return [...part(node.of[0]), plain(" + "), ...part(node.of[1])];
    case "complement": return [plain("1 − "), ...part(node.of[0], true)];
    default: return [plain(FUNCTIONS[node.kind] ? `${FUNCTIONS[node.kind]}(` : "("), ...part(node.of[0]), plain(")")];
  }
}

const plain = (text) => ({ text });

// A node that weights make, and that has no letter of its own.
function named(model, node) {
  if (!product(node)) return [{ text: `${node.block}\u0303`, sub: "t", letter: true }]; // what is proposed: h̃
  const [{ of, matrix, bias, gain }] = node.terms;
  const found = [weight(model, matrix, node.block), plain("\u2009"), ...letters(model, of)];
  const normal = gain ? [weight(model, gain, node.block), plain(" ⊙ LN("), ...found, plain(")")] : found;
  return bias && model.param(bias) ? [...normal, plain(" + "), weight(model, bias, node.block)] : normal;
}

// Whether a node is a product of weights and nothing more, which is written out.
export const product = ({ kind, terms }) => kind === "linear" && terms.length === 1;

// As text: "f_t ⊙ c_{t−1}".
export const text = (pieces) => pieces.map(({ text: own, sub }) =>
  sub ? `${own}_${sub.length > 1 ? `{${sub}}` : sub}` : own).join("");

const WORDS = { "⊙": " times ", "−": " minus ", "+": " plus ", "σ": "sigma", "γ": "gain", "LN": "layer norm of ",
  "…": "the sum", "\u0303": " tilde" };

// As a screen reader should say it: "f t times c t minus 1".
export const spoken = (pieces) => pieces.map(({ text: own, sub = "" }) => `${own} ${sub}`).join(" ")
  .replace(/[⊙−+σγ…\u0303]|LN/g, (sign) => WORDS[sign]).replace(/\s+/g, " ").trim();

export function html(pieces) {
  const found = document.createDocumentFragment();
  for (const { text: own, sub, letter: slanted } of pieces) {
    found.append(slanted ? make("i", { class: "rvl-letter" }, own) : own, ...(sub ? [make("sub", {}, sub)] : []));
  }
  return found;
}

// For <text>: tspans, those under the line smaller and lower, and the next ones back on the line.
export function svg(pieces) {
  const LOW = 0.22; // em of the line
  const SMALL = 0.74;
  const found = document.createDocumentFragment();
  let low = false;
  const add = (own, attributes) => {
    const span = drawn("tspan", attributes);
    span.textContent = own;
    found.append(span);
  };
  for (const { text: own, sub, letter: slanted } of pieces) {
    add(own, { ...(low ? { dy: `${-LOW}em` } : {}), ...(slanted ? { "font-style": "italic" } : {}) });
    if (sub) add(sub, { dy: `${(LOW / SMALL).toFixed(3)}em`, "font-size": `${SMALL}em` });
    low = Boolean(sub);
  }
  return found;
}

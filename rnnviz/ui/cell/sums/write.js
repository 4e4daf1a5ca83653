// Expressions as they are written: in letters, or with anything else in the place of the quantities.
import { html, letters, spoken, weight } from "../letters.js";
import { make } from "../../page.js";

export const NAMES = { sigmoid: "σ", tanh: "tanh", relu: "ReLU" };

// `style` says how: leaf(expression, bare) what stands for a quantity, plus(item) the sign before a summand,
// signed(item) whether that sign is its own, times what stands between factors, and operator(words, expression) what
// joins them.
export function write(expression, style, bare = false) {
  const found = make("span", { class: "rvl-whole" });
  const operator = (words) => style.operator?.(words, expression) ?? words;
  const tight = (item, inner = false) => (["sum", "rest"].includes(item.op)
    ? ["(", write(item, style), ")"] : [write(item, style, inner)]);
  switch (expression.op) {
    case "sum":
      found.className = "rvl-sum"; // a line may end before its signs
      expression.items.forEach((item, k) => {
        const signed = k > 0 && Boolean(style.signed?.(item));
        const written = write(item, style, signed);
        if (k) found.append(" ", make("span", { class: "rvl-whole" }, style.plus(item), "\u00a0", written));
        else found.append(written);
      });
      break;
    case "times":
      expression.items.forEach((item, k) => {
        found.append(...(k ? [operator(style.times)] : []), ...tight(item, bare && k === 0));
      });
      break;
    case "rest":
      found.append(operator("1 − "), ...tight(expression.of));
      break;
    case "function":
      found.className = "rvl-sum";
      found.append(operator(NAMES[expression.kind]), "(", write(expression.of, style), ")");
      break;
    default:
      found.append(style.leaf(expression, bare));
  }
  return found;
}

// In the letters of the papers, each of which opens its quantity.
export function inLetters(board, expression) {
  const style = {
    plus: () => "+",
    times: " ⊙ ",
    leaf: (leaf) => letter(board, leaf, style),
    operator: (words, { node }) => (node && node !== expression.node ? board.link(node, words, -1) : words),
  };
  return write(expression, style);
}

function letter(board, expression, style) {
  const { model } = board;
  const { op, block, of, over } = expression;
  const found = document.createDocumentFragment();
  const named = (name) => html([weight(model, name, block)]);
  switch (op) {
    case "value": return board.link(expression.name);
    case "weight": return named(expression.param);
    case "product":
      found.append(named(expression.matrix), "\u2009",
        ...(of.op === "value" ? [write(of, style)] : ["(", write(of, style), ")"]));
      return found;
  }
  if (model.param(expression.gain)) found.append(named(expression.gain), " ⊙ ");
  if (over) {
    // The rows of all gates are normalised together, then each takes its own.
    const whole = over.length > 1;
    found.append("LN(", write(whole ? all(of) : of, style), ")", ...(whole ? [make("sub", {}, block)] : []));
  } else found.append("(", write(of, style), " − μ) / s");
  if (model.param(expression.bias)) found.append(" + ", named(expression.bias));
  return found;
}

// Products with the whole of their matrices: W_{ih} x.
const all = (one) => (one.op === "product" ? { ...one, block: "" } : { ...one, items: one.items.map(all) });

// "f_t = σ(...)" of a node; with `opens` its own letter opens it as well.
export function equation(board, name, expression, opens = false) {
  const own = opens ? board.link(name) : html(letters(board.model, name));
  const node = make("div", { class: "rvl-equation", role: "group" }, own, "\u00a0= ", inLetters(board, expression));
  node.setAttribute("aria-label", spoken([{ text: aloud(node) }]));
  return node;
}

// Its text, with what stands below or above the line apart from what it belongs to.
const aloud = (node) => Array.from(node.childNodes, (child) => {
  if (child.nodeType === Node.TEXT_NODE) return child.data;
  return child.tagName === "SUB" ? ` ${child.textContent} ` : aloud(child);
}).join("");

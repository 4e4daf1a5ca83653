// The gradient norms of a run, step by step: what each of them is, how much of it is drawn, and how it is said. The
// scale is logarithmic and fixed, whatever the run: from 10^FLOOR to 10^TOP.
export const FLOOR = -8;
export const TOP = 2;
const LEAST = { float32: "1.2e−38", float64: "2.2e−308" }; // the smallest numbers with all their digits

export class Norms {
  constructor(model) {
    this.precision = model.precision;
    this.scored = model.scored ?? [];
    this.last = this.scored.length ? this.scored.at(-1) : model.T - 1;
    this.every = new Map((model.norms ?? []).map((one) => [one.name, one]));
  }

  get any() {
    return this.every.size > 0;
  }

  get underflows() {
    return [...this.every.values()].some(({ lost }) => lost.includes(1));
  }

  has(name) {
    return this.every.has(name);
  }

  // What ‖∂L/∂name‖ is at step t: "number", "lost" (underflow), "zero" (a true one), "none" (after the loss), or
  // "beyond" (not finite).
  kind(name, t) {
    const { array, lost } = this.every.get(name);
    if (t > this.last) return "none";
    if (lost[t]) return "lost";
    if (array[t] === 0) return "zero";
    return Number.isFinite(array[t]) ? "number" : "beyond";
  }

  value(name, t) {
    return this.every.get(name).array[t];
  }

  // How far up the scale it stands, from 0 to 1; null where it is no number, or below the scale.
  share(name, t) {
    const kind = this.kind(name, t);
    if (kind === "beyond") return 1;
    const decade = Math.log10(this.value(name, t));
    return kind !== "number" || decade < FLOOR ? null : Math.min((decade - FLOOR) / (TOP - FLOOR), 1);
  }

  // For a place as small as a cell.
  short(name, t) {
    const kind = this.kind(name, t);
    return kind === "number" ? brief(this.value(name, t)) : { lost: "×", zero: "0", none: "", beyond: "∞" }[kind];
  }

  // What follows "‖∂L/∂h_12‖" in a sentence; `brief` where another one stands before it.
  said(name, t, brief = false) {
    const value = this.value(name, t);
    const where = this.scored.length > 1 ? "at the last scored step" : "at the loss";
    switch (this.kind(name, t)) {
      case "none": return brief ? " = 0" : ` = 0: the loss is at step ${this.last + 1}`;
      case "lost":
        return brief ? " underflows" : ` underflows: below ${LEAST[this.precision]}, too small for ${this.precision}`;
      case "zero": return brief ? " = 0" : " = 0 exactly, not by underflow";
      case "beyond": return " overflows: not finite";
      default:
    }
    const number = ` = ${scientific(value)}`;
    if (brief) return number;
    if (t === this.last) return `${number}, ${where}`;
    if (this.kind(name, this.last) !== "number") return number;
    const ratio = value / this.value(name, this.last);
    return Number.isFinite(ratio) && ratio > 0 ? `${number}, ${scientific(ratio)} times that ${where}` : number;
  }
}

const power = (text) => text.replace("e+", "e").replace("-", "−");

// Two digits: "0.023", "14", "3.1e−4".
export function scientific(value) {
  if (value >= 0.001 && value < 1000) return String(Number(value.toPrecision(2)));
  return power(value.toExponential(1));
}

// At most five characters: "0.02", "14", "3e−4".
function brief(value) {
  if (value >= 0.01 && value < 999.5) return String(Number(value.toPrecision(2)));
  return power(value.toExponential(0));
}

// A box of the picture of a cell: its frame, its letter, its number, and the sign of what it does.
import { letters, spoken, svg } from "./letters.js";
import { drawn } from "../page.js";

const HALO = 3.5; // how far the ring of the open box stands off
const USUAL = 6; // characters: "−0.123"
const WIDE = 0.57; // of the height of type, the width of a digit

export class Box {
  // `place` is that of figures/cell_layout.py.
  constructor(model, place) {
    const { name, x, y, width, height, shape, symbol, number, strip, letter, sign } = place;
    Object.assign(this, { name, fits: [] });
    this.group = drawn("g", { class: `rvl-box rvl-${shape}`, tabindex: 0, role: "button", "data-box": name });
    const round = shape === "operation" ? Math.min(width, height) / 2 : 7;
    const rect = (kind, far) => this.add("rect", { class: kind, x: x - width / 2 - far, y: y - height / 2 - far,
      width: width + 2 * far, height: height + 2 * far, rx: round + far });
    rect("rvl-halo", HALO);
    this.frame = rect("rvl-frame", 0);
    const several = strip && model.row(name, 0).length > 1;
    this.strip = several ? { ...strip, name, x: strip.x - strip.width / 2, y: strip.y - strip.height / 2 } : null;
    // Without a strip the words stand in the middle.
    const lower = this.strip ? 0 : y - (letter ? (letter.y + number.y) / 2 : number.y);
    const outside = sign && (Math.abs(sign.x - x) > width / 2 || Math.abs(sign.y - y) > height / 2);
    if (sign && (shape === "operation" || outside)) {
      const size = Math.min(sign.width, sign.height);
      this.add("circle", { class: "rvl-round", cx: sign.x, cy: sign.y, r: size / 2 });
      this.text("rvl-sign", sign, symbol, 0, size - 5);
    } else if (sign) this.text("rvl-function", sign, symbol, lower);
    if (letter) this.text("rvl-name", letter, svg(brief(letters(model, name, true))), lower);
    this.value = document.createTextNode("");
    this.room = number.width;
    this.number = this.text("rvl-number", number, this.value, lower);
    this.number.dataset.node = name;
    this.said = `${spoken(letters(model, name))}, ${model.node(name).words}`;
  }

  add(tag, attributes) {
    const node = drawn(tag, attributes);
    this.group.append(node);
    return node;
  }

  text(kind, { x, y, width }, words, lower, room = width) {
    const node = this.add("text", { class: kind, x, y: y + lower, dy: "0.35em" });
    node.append(words);
    if (words !== this.value) this.fits.push([node, room]);
    return node;
  }

  // Words that are longer than their room are written smaller. To be called once it is on the page.
  fit() {
    const sizes = this.fits.map(([node]) =>
      [node.getComputedTextLength(), parseFloat(getComputedStyle(node).fontSize)]);
    this.fits.forEach(([node, room], k) => {
      const [length, size] = sizes[k];
      if (length > room) node.style.fontSize = `${Math.floor((10 * size * room) / length) / 10}px`;
    });
  }

  show(words, fill, ink) {
    if (this.words !== words) {
      // Longer than most, such as "−1.9e−4": smaller. It is not measured, for that takes a layout of the page.
      const size = words.length > USUAL ? `${Math.min(12.5, this.room / (WIDE * words.length)).toFixed(1)}px` : "";
      if (this.size !== size) this.number.style.fontSize = this.size = size;
      this.value.nodeValue = this.words = words;
    }
    if (this.fill === fill) return;
    this.frame.style.fill = this.fill = fill;
    this.group.style.color = ink;
  }

  say(words) {
    this.group.setAttribute("aria-label", `${this.said}: ${words}`);
  }

  mark(open, leads) {
    this.group.classList.toggle("rvl-open", open);
    this.group.classList.toggle("rvl-from", leads);
    this.group.setAttribute("aria-pressed", open);
  }
}

// In a box weights have no room for what they lead from and to.
const brief = (pieces) => pieces.map((piece) =>
  (piece.letter && ["W", "b"].includes(piece.text) ? { ...piece, sub: undefined } : piece));

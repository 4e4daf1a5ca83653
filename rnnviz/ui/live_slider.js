// The live slider. While it is dragged at most one value is under way: the next one, always the latest, leaves when
// the page has settled on the one before. A slow server so gets fewer values, and each one becomes a picture.
import { loadPlotly, loadStyle, make } from "./page.js";

const PATIENCE = 600; // ms without an answer, while no run is under way, after which the next value leaves anyway
const sliders = new WeakMap();
let count = 0;

export default async function live_slider({ data, parentElement, setStateValue }) {
  let slider = sliders.get(parentElement);
  if (!slider) sliders.set(parentElement, (slider = new Slider(parentElement)));
  slider.update(data, setStateValue);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    sliders.delete(parentElement);
    slider.destroy();
  });
}

const running = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";

class Slider {
  constructor(parent) {
    const id = `rvs-slider-${(count += 1)}`;
    this.parent = parent;
    this.sent = 0; // number of the value that left last
    this.held = false; // a hand is on the thumb
    this.label = make("label", { class: "rvs-label", for: id });
    // In the top layer: a side bar would cut it off.
    this.tip = make("span", { class: "rvs-tip", role: "tooltip", popover: "manual", id: `${id}-tip` });
    this.help = make("button", { type: "button", class: "rvs-help", "aria-label": "Help", "aria-describedby": `${id}-tip`,
      onmouseenter: () => this.explain(true), onmouseleave: () => this.explain(false),
      onfocus: () => this.explain(true), onblur: () => this.explain(false),
      // Tab closes it too, before the focus moves: from an open popover's button it would not get any further.
      onclick: () => this.explain(true),
      onkeydown: (event) => ["Escape", "Tab"].includes(event.key) && this.explain(false) }, "?");
    this.number = make("input", { class: "rvs-number", type: "text", inputmode: "decimal", autocomplete: "off",
      spellcheck: "false", onfocus: () => this.number.select(), onblur: () => this.typed(),
      onkeydown: (event) => this.keyInNumber(event) });
    this.range = make("input", { class: "rvs-slide", type: "range", id,
      oninput: () => this.moved(Number(this.range.value)),
      onpointerdown: () => { this.held = true; } });
    this.release = () => this.letGo();
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, this.release);
    this.settled = () => this.answered();
    window.addEventListener("rnnviz:settled", this.settled);
    this.marks = make("div", { class: "rvs-marks", "aria-hidden": "true" });
    this.note = make("div", { class: "rvs-note", id: `${id}-note` });
    this.node = make("div", { class: "rvs-slider" },
      make("div", { class: "rvs-row" }, this.label, this.help, this.tip, this.number, this.note), this.range, this.marks);
    // Not shown before its style sheet is there, but its place is kept.
    this.node.style.visibility = "hidden";
    loadStyle(new URL("./live_slider.css", import.meta.url).href).then(() => {
      this.node.style.visibility = "";
      // The first chart waits for the server to load torch; what will draw it can be fetched meanwhile.
      setTimeout(() => loadPlotly(this.data.plotly).catch(() => {}));
    });
    parent.append(this.node);
  }

  update(data, send) {
    const first = !this.data;
    const outside = first || data.version !== this.data.version;
    this.data = data;
    this.send = send;
    this.echo = data.seq;
    this.frame();
    // A new version is a change from outside. Else only the answer to the value that left last may move the thumb
    // (Python may have brought it into a smaller range), and never under the visitor's hand.
    if (first) this.sent = data.seq;
    const latest = data.seq >= this.sent && this.pending === undefined;
    if (!this.held && (outside || latest)) {
      if (outside) this.pending = undefined;
      this.show(data.value);
    } else this.show(this.value);
  }

  // The parts that a run may change: words, range, marks. The position is not among them.
  frame() {
    const { value, seq, ...rest } = this.data;
    const { label, help, min, max, step, unset, unsetAt, marks, disabled, note } = rest;
    // Most runs change none of them, and what is written anew is laid out anew.
    const framed = JSON.stringify(rest);
    if (framed === this.framed) return;
    this.framed = framed;
    this.shown = undefined;
    // The input counts in the slider's own unit; "unset" is one more step at one of the ends.
    this.low = unset !== null && unsetAt === "min" ? this.tidy(min - step) : min;
    this.high = unset !== null && unsetAt === "max" ? this.tidy(max + step) : max;
    const even = Math.abs((max - min) / step - Math.round((max - min) / step)) < 1e-6;
    Object.assign(this.range, { min: this.low, max: this.high, step: even ? step : "any" });
    this.label.textContent = label;
    this.number.setAttribute("aria-label", `${label}, as a number`);
    this.help.hidden = !help;
    this.tip.textContent = help ?? "";
    this.range.disabled = this.number.disabled = disabled;
    this.node.classList.toggle("rvs-disabled", disabled);
    this.note.textContent = note ?? "";
    // The note stands in the number's place, so that the slider keeps its height.
    this.note.hidden = !note;
    this.number.hidden = Boolean(note);
    if (note) this.range.setAttribute("aria-describedby", this.note.id);
    else this.range.removeAttribute("aria-describedby");
    this.marks.hidden = !marks;
    this.marks.replaceChildren(...(marks ?? []).map(([at, text]) => {
      const mark = make("span", { class: "rvs-mark" }, text);
      mark.style.setProperty("--at", this.share(at));
      return mark;
    }));
  }

  explain(show) {
    if (!this.tip.showPopover || show === this.tip.matches(":popover-open")) return;
    if (!show) return this.tip.hidePopover();
    this.tip.showPopover();
    const [at, own] = [this.help.getBoundingClientRect(), this.tip.getBoundingClientRect()];
    const left = Math.min(Math.max(at.left - 12, 8), innerWidth - own.width - 8);
    const top = at.top > own.height + 8 ? at.top - own.height - 4 : at.bottom + 4;
    Object.assign(this.tip.style, { left: `${left}px`, top: `${top}px` });
  }

  tidy(number) {
    return Number(number.toFixed(this.data.decimals));
  }

  // The legal value nearest to a place on the track; the same rule as in Python.
  valueAt(place) {
    const { min, max, step, unset } = this.data;
    if (unset !== null && this.low < min && place < min - step / 2) return null;
    if (unset !== null && this.high > max && place > max + step / 2) return null;
    const inside = Math.min(Math.max(place, min), max);
    const stop = Math.min(min + Math.round((inside - min) / step) * step, max);
    return this.tidy(max - inside < Math.abs(stop - inside) ? max : stop);
  }

  placeOf(value) {
    if (value !== null) return value;
    return this.data.unsetAt === "min" ? this.low : this.high;
  }

  share(place) {
    return this.high > this.low ? (place - this.low) / (this.high - this.low) : 0;
  }

  words(value) {
    if (value === null) return this.data.unset ?? "";
    return this.data.format.replace(/%(\+?)(?:\.(\d+))?([dfge])/, (_, plus, places, kind) => {
      const text = kind === "d" ? String(Math.round(value))
        : kind === "f" ? value.toFixed(places ?? 6)
        : kind === "e" ? value.toExponential(places ?? 6)
        : String(Number(value.toPrecision(places || 6)));
      return ((plus && value >= 0 ? "+" : "") + text).replace("-", "−");
    }).replaceAll("%%", "%");
  }

  show(value) {
    this.value = value;
    const place = this.placeOf(value);
    const words = this.words(value);
    if (Number(this.range.value) !== place) this.range.value = place;
    if (document.activeElement !== this.number && this.number.value !== words) this.write(words);
    const shown = `${place} ${words}`;
    if (shown === this.shown) return;
    this.shown = shown;
    this.range.style.setProperty("--share", this.share(place));
    this.range.setAttribute("aria-valuetext", words);
  }

  write(words) {
    this.number.value = words;
    this.number.style.width = `${Math.max(words.length, 2) + 2}ch`;
  }

  moved(place) {
    this.show(this.valueAt(place));
    this.pending = this.value;
    this.pump();
  }

  pump() {
    if (this.pending === undefined || this.waiting) return;
    const value = this.pending;
    this.pending = undefined;
    this.sent = Math.max(this.sent, this.echo) + 1;
    this.waiting = true;
    this.left = performance.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lost(), PATIENCE);
    this.send("value", { v: value, seq: this.sent, version: this.data.version });
  }

  // Python has seen the value, and the run is through.
  answered() {
    if (!this.waiting || this.echo < this.sent) return;
    this.waiting = false;
    clearTimeout(this.timer);
    this.pump();
  }

  // No answer: a page without a tail, a lost connection. A run still under way is not disturbed for ten seconds:
  // a new value would cancel it, and a drag over a slow page would never show anything.
  lost() {
    if (running() && performance.now() - this.left < 10000) {
      this.timer = setTimeout(() => this.lost(), PATIENCE / 4);
      return;
    }
    this.waiting = false;
    this.pump();
  }

  letGo() {
    if (!this.held) return;
    this.held = false;
    this.pump();
  }

  keyInNumber(event) {
    if (event.key === "Enter") this.typed(true);
    else if (event.key === "Escape") { this.write(this.words(this.value)); this.range.focus(); }
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const place = this.placeOf(this.value) + (event.key === "ArrowUp" ? 1 : -1) * this.data.step;
      this.moved(Math.min(Math.max(place, this.low), this.high));
      this.write(this.words(this.value));
      this.number.select();
    }
  }

  typed(stay = false) {
    const text = this.number.value.trim();
    const { unset } = this.data;
    if (text !== this.words(this.value)) {
      const found = text.replace(/[−–]/g, "-").replace(/(\d),(\d)/, "$1.$2").match(/-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i);
      if (unset !== null && (text === "" || text.toLowerCase() === unset.toLowerCase())) this.moved(this.placeOf(null));
      // A number is never "unset", however far outside the range it lies.
      else if (found) this.moved(Math.min(Math.max(Number(found[0]), this.data.min), this.data.max));
    }
    this.write(this.words(this.value));
    if (stay) this.number.select();
  }

  destroy() {
    clearTimeout(this.timer);
    window.removeEventListener("rnnviz:settled", this.settled);
    for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, this.release);
    this.node.remove();
  }
}

// The animated cell: the network over time, one cell of it at work, and the arithmetic of what is looked at. A run is
// sent once; its step, unit and open node are chosen here and ask nothing of the server.
import { Diagram } from "./diagram.js";
import { letters, spoken } from "./letters.js";
import { Model } from "./model.js";
import { spell } from "./scale.js";
import { Sums } from "./sums/sums.js";
import { Unrolled } from "./unrolled/unrolled.js";
import * as clock from "../clock.js";
import { isDark, loadStyle, make } from "../page.js";
import { TimeBar } from "../timebar.js";
import { decode, same } from "../wire.js";

const TELLING = ["f", "z", "h"]; // what is open at first: the gate that keeps, or the state
const ROOMY = 860; // pixels of a window's height from which all is seen at once when it is projected
const [LOW, HIGH] = [1.2, 1.4]; // how much larger the network over time is projected, on a lower window and a higher
const SAID = 400; // ms after a step before it is said aloud: who steps on does not want to hear each
const OWN = "input, select, textarea"; // they use the keys themselves
const cells = new WeakMap();

export default function cell({ data, parentElement }) {
  let one = cells.get(parentElement);
  if (!one) cells.set(parentElement, (one = new Cell(parentElement)));
  one.update(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    cells.delete(parentElement);
    one.destroy();
  });
}

class Cell {
  constructor(parent) {
    this.parent = parent;
    // t: the step from 0; unit: null for all of them; node: the one whose arithmetic is open; over: the one that is
    // pointed at; way: "forward" or "backward".
    this.state = { t: 0, unit: 0, node: null, over: null, way: "forward", playing: false };
    const change = (patch) => this.change(patch);
    this.pictures = [(this.unrolled = new Unrolled(change)), new Diagram(change)];
    this.parts = [...this.pictures, new Sums(change)];
    this.bar = new TimeBar();
    this.said = make("p", { class: "rvl-said", role: "status" });
    this.node = make("div", { class: "rvl", role: "group", tabindex: -1, onkeydown: (event) => this.key(event) },
      ...this.parts.map((part) => part.node), this.bar.node, this.said);
    this.onTime = ({ detail }) => { if (detail.steps !== undefined) this.show(); };
    this.onWindow = () => this.resize();
    window.addEventListener("rnnviz:time", this.onTime);
    window.addEventListener("resize", this.onWindow);
    this.watcher = new ResizeObserver(() => requestAnimationFrame(() => this.resize()));
    this.node.style.visibility = "hidden"; // until its style is there; its place is kept
    const styles = ["../live_chart.css", "./cell.css", "./sums/sums.css", "./sums/ledger.css", "./sums/vectors.css",
      "./unrolled/unrolled.css"].map((name) => loadStyle(new URL(name, import.meta.url).href));
    Promise.all(styles).then(() => {
      this.styled = true;
      this.resize();
      this.node.style.visibility = "";
      this.watcher.observe(this.node);
    });
    parent.append(this.node);
  }

  update(bytes) {
    const fresh = !same(this.bytes, bytes);
    // A call without news is one with a new theme. Else it is not asked for: the browser would work out all styles.
    const dark = fresh && this.head ? this.head.dark : isDark(this.parent);
    if (!fresh && dark === this.head.dark) return;
    if (fresh) {
      this.bytes = bytes.slice();
      const { data: [data], ...head } = decode(bytes);
      this.first = !this.model;
      this.head = head;
      this.model = new Model(data);
      this.tidy();
      clock.setSteps(this.model.T);
      this.bar.setup({ steps: this.model.T, labels: data.labels });
    }
    this.head.dark = dark;
    this.node.setAttribute("aria-label", this.head.alt);
    this.unrolled.node.hidden = !this.head.unrolled;
    this.width = null;
    this.frame();
    for (const part of this.parts) part.setup(this.model, this.head, this.state);
    this.parent.style.minHeight = "";
    this.resize();
  }

  // What was chosen stays, where there still is such a thing.
  tidy() {
    const { state, model } = this;
    if (this.first || (state.node && !model.node(state.node))) state.node = TELLING.find((name) => model.node(name));
    if (state.unit !== null) state.unit = Math.min(state.unit, model.H - 1);
    else if (model.H === 1) state.unit = 0;
    if (state.over && !model.node(state.over)) state.over = null;
  }

  change(patch) {
    const { t, ...rest } = patch;
    Object.assign(this.state, rest);
    if (t !== undefined) {
      clock.pause();
      clock.go(t); // comes back as the page's time
    } else this.show();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") return this.change({ node: null, over: null });
    if (event.target.closest(OWN)) return;
    const { t, unit } = this.state;
    const [to, by] = [{ ArrowRight: t + 1, ArrowLeft: t - 1, Home: 0, End: this.model.T - 1 }[event.key],
      { ArrowUp: -1, ArrowDown: 1 }[event.key]];
    if (to !== undefined) this.change({ t: to });
    else if (by !== undefined) this.change({ unit: this.model.next(unit, by) });
    else if (event.key === " " && !event.target.closest("button, a, summary, [role=button]")) this.bar.toggle();
    else return;
    event.preventDefault();
  }

  // Side by side where there is room for both, else one below the other; its height is known before anything is drawn.
  frame() {
    const width = this.parent.clientWidth;
    const [from, height] = this.head.heights.find(([from]) => width >= from);
    this.head.stacked = from < this.head.heights[0][0];
    this.node.classList.toggle("rvl-stacked", this.head.stacked);
    const { above, least: low, present } = this.head;
    this.head.size = !present ? 1 : innerHeight < ROOMY ? LOW : HIGH;
    this.node.style.setProperty("--rvl-size", this.head.size);
    this.node.classList.toggle("rvl-low", this.head.size === LOW);
    const high = above ? Math.max(Math.min(innerHeight - above, 1.6 * height), low) : height;
    this.node.style.height = this.head.stacked ? "" : `${high}px`;
    this.node.style.minHeight = this.head.stacked ? `${height}px` : "";
  }

  resize() {
    if (!this.model || !this.styled || !this.parent.isConnected) return;
    this.frame();
    for (const part of this.parts) part.resize?.(this.node.clientWidth);
    this.show();
  }

  show() {
    if (!this.model || !this.parent.isConnected) return;
    const t = Math.round(clock.now(this.model.T));
    const playing = clock.isPlaying();
    // While it plays, the arithmetic, which names its step, comes one frame after the picture: both are too much for one.
    this.late = playing && t !== this.state.t && !this.late;
    Object.assign(this.state, { t, playing });
    for (const part of this.late ? this.pictures : this.parts) part.show(this.state);
    this.bar.backward = this.state.way === "backward";
    this.bar.show(clock.now(this.model.T), this.state.playing, "");
    this.say();
  }

  // The step in words, for those who hear it: when it rests, and not before somebody has moved.
  say() {
    const { t, unit, playing } = this.state;
    const words = `${t} ${unit} ${playing}`;
    if (words === this.last) return;
    clearTimeout(this.later);
    const speak = () => { this.said.textContent = this.words(); };
    if (this.last !== undefined && !playing) this.later = setTimeout(speak, SAID);
    this.last = words;
  }

  words() {
    const { model, head, state: { t, unit } } = this;
    const label = model.labels?.[t];
    const told = model.states.map((name) =>
      `${spoken(letters(model, name))}: ${spell(model.number(name, t, unit), head.digits)}`);
    const of = unit === null ? `mean of ${model.H} units` : `unit ${model.called(unit)}`;
    return `Step ${t + 1} of ${model.T}${label === undefined ? "" : `, ${label}`}. ${of}, ${told.join(", ")}.`;
  }

  destroy() {
    clearTimeout(this.later);
    this.watcher.disconnect();
    window.removeEventListener("rnnviz:time", this.onTime);
    window.removeEventListener("resize", this.onWindow);
    this.node.remove();
  }
}

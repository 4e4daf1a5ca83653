// The animated cell: the network over time, one cell of it at work, and the arithmetic of what is looked at. A run is
// sent once; its step, unit and open node are chosen here and ask nothing of the server.
import { Diagram } from "./cell_diagram.js";
import { Model } from "./cell_model.js";
import { Sums } from "./cell_sums.js";
import { Unrolled } from "./cell_unrolled.js";
import * as clock from "./clock.js";
import { loadStyle, make } from "./page.js";
import { TimeBar } from "./timebar.js";
import { decode, same } from "./wire.js";

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
    this.parts = [(this.unrolled = new Unrolled(change)), new Diagram(change), new Sums(change)];
    this.bar = new TimeBar();
    this.node = make("div", { class: "rvl", role: "group", onkeydown: (event) => this.key(event) },
      ...this.parts.map((part) => part.node), this.bar.node);
    this.onTime = ({ detail }) => { if (detail.steps !== undefined) this.show(); };
    window.addEventListener("rnnviz:time", this.onTime);
    this.watcher = new ResizeObserver(() => requestAnimationFrame(() => this.resize()));
    this.node.style.visibility = "hidden"; // until its style is there; its place is kept
    const styles = ["./live_chart.css", "./cell.css", "./cell_sums.css", "./cell_unrolled.css"]
      .map((name) => loadStyle(new URL(name, import.meta.url).href));
    Promise.all(styles).then(() => { this.node.style.visibility = ""; this.watcher.observe(this.node); });
    parent.append(this.node);
  }

  update(bytes) {
    if (same(this.bytes, bytes)) return;
    this.bytes = bytes.slice();
    const { data: [data], ...head } = decode(bytes);
    this.head = head;
    this.model = new Model(data);
    if (this.state.unit !== null) this.state.unit = Math.min(this.state.unit, this.model.H - 1);
    if (this.state.node && !this.model.node(this.state.node)) this.state.node = null;
    this.node.setAttribute("aria-label", head.alt);
    this.node.classList.toggle("rvl-present", head.present);
    this.unrolled.node.hidden = !head.unrolled;
    clock.setSteps(this.model.T);
    this.bar.setup({ steps: this.model.T, labels: data.labels });
    for (const part of this.parts) part.setup(this.model, head, this.state);
    this.parent.style.minHeight = "";
    this.show();
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
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
    const t = this.state.t;
    const to = { ArrowRight: t + 1, ArrowLeft: t - 1, Home: 0, End: this.model.T - 1 }[event.key];
    if (to === undefined) return;
    this.change({ t: to });
    event.preventDefault();
  }

  resize() {
    for (const part of this.parts) part.resize?.(this.node.clientWidth);
    this.show();
  }

  show() {
    if (!this.model || !this.parent.isConnected) return;
    this.state.t = Math.round(clock.now(this.model.T));
    this.state.playing = clock.isPlaying();
    for (const part of this.parts) part.show(this.state);
    this.bar.show(clock.now(this.model.T), this.state.playing, "");
  }

  destroy() {
    this.watcher.disconnect();
    window.removeEventListener("rnnviz:time", this.onTime);
    this.node.remove();
  }
}

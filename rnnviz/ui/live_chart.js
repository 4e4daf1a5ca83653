// The live chart. One instance a place on the page; Plotly.react updates it, time moves above it.
import * as clock from "./clock.js";
import { Overlay } from "./overlay.js";
import { background, css, isDark, loadPlotly, loadStyle, loadTemplates, make } from "./page.js";
import { shaded } from "./shades.js";
import { signature, Swift } from "./swift.js";
import { TimeBar } from "./timebar.js";
import { toolbar } from "./tools.js";
import { Trails3D } from "./trails3d.js";
import { decode, same } from "./wire.js";

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "reset", showTips: false, displaylogo: false };
const QUIET = 250; // ms without an update
const touch = matchMedia("(hover: none)");
const charts = new WeakMap();

// What a projected page has above its chart, and the bar under it, in pixels; of its height a chart gives up no more.
const ABOVE = 350, BAR = 48, LEAST = 0.78;
let room = innerHeight; // to ask for it later would make the browser lay out everything
addEventListener("resize", () => { room = innerHeight; });

export default function live_chart({ data, parentElement, setTriggerValue }) {
  let chart = charts.get(parentElement);
  if (!chart) charts.set(parentElement, (chart = new Chart(parentElement)));
  chart.send = setTriggerValue;
  chart.update(data);
  // Streamlit may call the cleanup of an overtaken run while the chart lives: only a chart that has left the page goes.
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    charts.delete(parentElement);
    chart.destroy();
  });
}

class Chart {
  constructor(parent) {
    this.parent = parent;
    this.runs = 0;
    this.overlay = new Overlay();
    this.bar = new TimeBar();
    this.trails = new Trails3D();
    this.swift = new Swift();
    this.gd = make("div", { class: "rvc-plot" });
    this.skeleton = make("div", { class: "rvc-skeleton" });
    this.picture = make("div", { class: "rvc-picture", role: "img" }, this.gd, this.overlay.svg, this.skeleton);
    this.node = make("div", { class: "rvc-chart" }, this.picture, this.bar.node);
    this.tools = toolbar(this);
    this.node.prepend(this.tools);
    this.onTime = ({ detail }) => { if (detail.steps !== undefined) this.showTime(detail.playing); };
    this.onFull = () => this.resize();
    this.onWindow = () => { if (this.head) this.picture.style.height = `${this.height()}px`; };
    window.addEventListener("rnnviz:time", this.onTime);
    window.addEventListener("resize", this.onWindow);
    this.node.addEventListener("fullscreenchange", this.onFull);
    this.watcher = new ResizeObserver(([{ contentRect }]) => {
      this.box = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) };
      requestAnimationFrame(() => this.resize());
    });
    this.watcher.observe(this.picture);
    parent.append(this.node);
    loadStyle(new URL("./live_chart.css", import.meta.url).href);
  }

  update(bytes) {
    const fresh = !same(this.bytes, bytes);
    if (fresh) {
      this.bytes = bytes.slice();
      this.head = decode(bytes);
      this.head.signature = signature(this.head);
      this.frame();
    }
    if (!fresh) {
      // A call without news is one with a new theme. Else it is not asked for: the browser would work out all styles.
      if (!this.look || this.look === this.theme()) return;
      this.catchUp = true;
    }
    this.draw();
  }

  theme() {
    return (isDark(this.parent) ? "dark" : "light") + (this.head.present ? "-present" : "");
  }

  // All that stands before Plotly is there: the size, the words, the bar.
  frame() {
    const { alt, time, present } = this.head;
    this.parent.style.minHeight = "";
    this.onWindow();
    this.picture.setAttribute("aria-label", alt);
    this.node.classList.toggle("rvc-present", present);
    this.node.classList.toggle("rvc-pick", Boolean(this.head.pick));
    this.bar.node.hidden = !time?.bar;
    if (!time) return;
    clock.setSteps(time.steps);
    this.bar.setup(time);
    this.showTime(clock.isPlaying());
  }

  // On a low projector the whole picture should be seen without scrolling.
  height() {
    const { height, present, time } = this.head;
    if (!present) return height;
    return Math.round(Math.min(height, Math.max(LEAST * height, room - ABOVE - (time?.bar ? BAR : 0))));
  }

  // Known from the observer: to ask the document would make it lay out everything at each drawing.
  size() {
    if (this.box?.width) return { ...this.box, height: document.fullscreenElement ? this.box.height : this.height() };
    const { width, height } = this.picture.getBoundingClientRect();
    return { width: Math.round(width), height: Math.round(height) };
  }

  async draw() {
    // Plotly.react on one node must not overlap: the newest figure waits, older ones are left out.
    if (this.drawing) { this.stale = true; return; }
    this.drawing = true;
    try {
      const [Plotly, templates] = await Promise.all([loadPlotly(this.head.plotly), loadTemplates(this.head.templates)]);
      do {
        this.stale = false;
        if (this.quick()) continue;
        // The end of the run first: so the server works on the next picture while this one is drawn.
        if (this.runs) await endOfRun();
        this.stale = false;
        if (!this.parent.isConnected) return;
        if (!this.quick()) await this.react(Plotly, templates);
      } while (this.stale);
    } catch (error) {
      this.skeleton.textContent = error.message;
      console.error(error);
    } finally {
      this.drawing = false;
    }
  }

  // Where only numbers have changed: the picture at once, Plotly's own state when nothing has come for a moment.
  quick() {
    clearTimeout(this.later);
    const { head } = this;
    if (!this.drawn || this.catchUp || !this.swift.paint(this.gd, this.drawn, head)) return false;
    this.drawn = head;
    this.showTime(clock.isPlaying());
    this.later = setTimeout(() => { this.catchUp = true; this.draw(); }, QUIET);
    this.painted();
    return true;
  }

  async prepare(head) {
    const proved = await this.swift.learn(this.gd, head).catch(() => false);
    this.node.toggleAttribute("data-quick", proved); // to be seen from outside
  }

  painted() {
    this.runs += 1;
    window.dispatchEvent(new CustomEvent("rnnviz:painted", { detail: { key: this.head.key, run: this.runs } }));
  }

  async react(Plotly, templates) {
    const { head } = this;
    const { width, height } = this.size();
    this.look = this.theme();
    const template = templates[this.look];
    const layout = { uirevision: head.key, ...shaded(head.layout, template.layout.meta.shades), template, width, height };
    // On a touch screen one finger scrolls the page; a chart that catches it would be a trap.
    if (touch.matches && layout.dragmode === undefined) layout.dragmode = false;
    const steps = head.time?.steps ?? 1;
    const extra = this.trails.traces(head, clock.now(steps), css(this.parent, "--st-primary-color"));
    await Plotly.react(this.gd, [...named(head.data), ...extra], layout, CONFIG);
    if (!this.runs) this.listen();
    this.skeleton.hidden = true;
    this.settle();
    Object.assign(this, { drawn: head, catchUp: false });
    this.painted();
    this.later = setTimeout(() => this.prepare(head), QUIET);
  }

  listen() {
    const follow = () => this.showTime(clock.isPlaying());
    this.gd.on("plotly_relayouting", follow);
    this.gd.on("plotly_relayout", () => this.settle());
    this.gd.on("plotly_click", ({ points: [point] }) => this.pick(point));
    this.gd.on("plotly_restyle", () => { if (!this.trails.busy) this.settle(); });
  }

  // A click on a mark, told to Python. The point's own numbers: those of the axis where it has none.
  pick(point) {
    if (!this.head.pick || !point) return;
    const number = (value) => (Number.isFinite(value) ? Number(value) : null);
    this.send("pick", { trace: point.curveNumber, x: number(point.x), y: number(point.y), z: number(point.z) });
  }

  settle() {
    this.overlay.setup(this.gd, this.head.time, background(this.parent));
    this.showTime(clock.isPlaying());
  }

  showTime(playing) {
    const { time } = this.head ?? {};
    if (!time) return;
    const at = clock.now(time.steps);
    this.overlay.move(at);
    if (this.runs) this.trails.move(this.gd, at);
    if (time.bar) this.bar.show(at, playing, this.overlay.values(at));
  }

  resize() {
    if (!this.runs || this.drawing || !this.parent.isConnected) return;
    const { width, height } = this.size();
    const full = this.gd._fullLayout;
    if (width && (width !== full.width || height !== full.height)) window.Plotly.relayout(this.gd, { width, height });
  }

  destroy() {
    this.watcher.disconnect();
    clearTimeout(this.later);
    window.removeEventListener("rnnviz:time", this.onTime);
    window.removeEventListener("resize", this.onWindow);
    if (this.runs) window.Plotly.purge(this.gd);
    this.node.remove();
  }
}

// The run has reached the end of the page, or takes longer than a picture should wait.
const endOfRun = () => new Promise((done) => {
  window.addEventListener("rnnviz:settled", done, { once: true });
  setTimeout(done, 40);
});

// A trace is known by its name, not by its place: what was hidden in the legend stays hidden when others come or go.
function named(data) {
  const seen = new Map();
  return data.map((trace) => {
    if (trace.uid) return trace;
    const name = `${trace.type ?? ""} ${trace.name ?? ""} ${trace.xaxis ?? ""}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    // Plotly puts the uid into CSS classes.
    const uid = `${name} ${count}`.replace(/[^a-zA-Z0-9]/g, (char) => `_${char.charCodeAt(0)}`);
    return { ...trace, uid };
  });
}

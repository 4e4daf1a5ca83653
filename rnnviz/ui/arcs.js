// Decoding step by step. One instance a place on the page; time passes in the browser alone.
import { Row } from "./arcs_row.js";
import { Stage, words } from "./arcs_stage.js";
import { icon, loadStyle, make } from "./page.js";

const PLAY = "M5 3.2v9.6L12.6 8z";
const PAUSE = "M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z";
const BACK = "M10.2 3.6 5.8 8l4.4 4.4-1 1L3.8 8l5.4-5.4z";
const ON = "M5.8 12.4 10.2 8 5.8 3.6l1-1L12.2 8l-5.4 5.4z";
const PACE = 1000; // ms a step while it plays: time to find the symbol that is looked at
const ABOVE = 424, LEAST = 0.78; // as in live_chart.js, with the sentence and the bar
const instances = new WeakMap();

export default function arcs({ data, parentElement }) {
  let one = instances.get(parentElement);
  if (!one) instances.set(parentElement, (one = new Arcs(parentElement)));
  one.update(data);
  // As in live_chart.js: Streamlit may clean up after an overtaken run while the picture lives.
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    instances.delete(parentElement);
    one.destroy();
  });
}

class Arcs {
  constructor(parent) {
    this.parent = parent;
    this.step = 0;
    this.stage = new Stage((step) => this.go(step));
    this.row = new Row((step) => this.go(step));
    const button = (name, path, onclick) => make("button",
      { type: "button", class: "rvc-button", "aria-label": name, title: name, onclick }, icon(path));
    this.playButton = button("Play", PLAY, () => this.toggle());
    this.back = button("One step back", BACK, () => this.go(this.step - 1));
    this.on = button("One step on", ON, () => this.go(this.step + 1));
    this.range = make("input", { type: "range", class: "rvc-range", min: 0, step: 1, "aria-label": "Step of decoding",
      oninput: () => this.go(Number(this.range.value)) });
    this.place = make("span", { class: "rvc-words" });
    this.sentence = make("p", { class: "rva-sentence", role: "status" });
    this.node = make("div", { class: "rva", role: "group", onkeydown: (event) => this.key(event) },
      this.stage.node, this.sentence,
      make("div", { class: "rvc-time", role: "group", "aria-label": "Steps of decoding" },
        this.playButton, this.back, this.range, this.on, this.place));
    this.watcher = new ResizeObserver(() => requestAnimationFrame(() => this.show()));
    this.watcher.observe(this.stage.node);
    this.painted = ({ detail }) => { if (detail.key === this.data?.chart) this.row.show(this.data.chart, this.step); };
    window.addEventListener("rnnviz:painted", this.painted);
    this.node.style.visibility = "hidden"; // until its style is there; its place is kept
    const styles = ["./live_chart.css", "./arcs.css"].map((name) => loadStyle(new URL(name, import.meta.url).href));
    Promise.all(styles).then(() => { this.node.style.visibility = ""; this.show(); });
    parent.append(this.node);
  }

  update(data) {
    const text = JSON.stringify(data);
    if (text === this.text) return;
    this.text = text;
    this.data = data;
    this.node.setAttribute("aria-label", data.alt);
    this.node.classList.toggle("rva-present", data.present);
    this.stage.node.style.height = `${this.height()}px`;
    this.range.max = data.said.length - 1;
    this.step = Math.min(this.step, data.said.length - 1);
    this.stage.setup(data);
    this.show();
  }

  // On a low projector all of it should be seen without scrolling, as of the chart beside it.
  height() {
    const { height, present } = this.data;
    return present ? Math.round(Math.min(height, Math.max(LEAST * height, innerHeight - ABOVE))) : height;
  }

  // Whoever takes the step into the own hands ends the playing.
  go(step) {
    this.pause();
    this.step = Math.min(Math.max(step, 0), this.data.said.length - 1);
    this.show();
  }

  toggle() {
    if (this.timer) return this.pause();
    const last = this.data.said.length - 1;
    if (this.step >= last) this.step = 0;
    this.timer = setInterval(() => {
      this.step = Math.min(this.step + 1, this.data.said.length - 1);
      if (this.step >= this.data.said.length - 1) this.pause();
      this.show();
    }, PACE);
    this.show();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
    if (this.data) this.buttons();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.data.said.length - 1;
    const step = { ArrowRight: this.step + 1, ArrowLeft: this.step - 1, Home: 0, End: last }[event.key];
    if (step !== undefined) this.go(step);
    else if (event.key === " " && event.target.tagName !== "BUTTON") this.toggle();
    else return;
    event.preventDefault();
  }

  buttons() {
    const name = this.timer ? "Pause" : "Play";
    if (this.playButton.title !== name) {
      this.playButton.replaceChildren(icon(this.timer ? PAUSE : PLAY));
      this.playButton.title = name;
      this.playButton.setAttribute("aria-label", name);
    }
    // Not disabled: a button that has the focus would lose it.
    this.back.setAttribute("aria-disabled", this.step === 0);
    this.on.setAttribute("aria-disabled", this.step === this.data.said.length - 1);
  }

  show() {
    if (!this.data || !this.parent.isConnected) return;
    const { said } = this.data;
    const share = said.length > 1 ? (100 * this.step) / (said.length - 1) : 100;
    this.range.value = this.step;
    this.range.style.setProperty("--fill", `${share}%`);
    const place = `step ${this.step + 1} of ${said.length}`;
    this.place.textContent = place;
    const sentence = words(this.data, this.step);
    this.range.setAttribute("aria-valuetext", `${place}: ${sentence}`);
    // While it plays nobody wants to be interrupted each second.
    this.sentence.setAttribute("aria-live", this.timer ? "off" : "polite");
    if (this.sentence.textContent !== sentence) this.sentence.textContent = sentence;
    this.buttons();
    this.stage.show(this.step);
    this.row.show(this.data.chart, this.step);
  }

  destroy() {
    this.pause();
    this.watcher.disconnect();
    this.row.remove();
    window.removeEventListener("rnnviz:painted", this.painted);
    this.node.remove();
  }
}

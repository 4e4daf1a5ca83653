// The bar under a chart: play, one step back, the position, one step on, the words.
import * as clock from "./clock.js";
import { icon, make } from "./page.js";

const PLAY = "M5 3.2v9.6L12.6 8z";
const PAUSE = "M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z";
const BACK = "M10.2 3.6 5.8 8l4.4 4.4-1 1L3.8 8l5.4-5.4z";
const ON = "M5.8 12.4 10.2 8 5.8 3.6l1-1L12.2 8l-5.4 5.4z";

export class TimeBar {
  constructor() {
    this.playButton = make("button", { type: "button", class: "rvc-button", onclick: () => this.toggle() });
    const step = (by) => () => { clock.pause(); clock.go(Math.round(clock.now(this.steps)) + by); };
    this.back = make("button", { type: "button", class: "rvc-button", "aria-label": "One step back",
      title: "One step back", onclick: step(-1) }, icon(BACK));
    this.on = make("button", { type: "button", class: "rvc-button", "aria-label": "One step on",
      title: "One step on", onclick: step(1) }, icon(ON));
    this.range = make("input", { type: "range", class: "rvc-range", min: 0, step: 1, "aria-label": "Time step",
      oninput: () => { clock.pause(); clock.go(Number(this.range.value)); },
      onkeydown: (event) => { if (event.key === " ") { event.preventDefault(); this.toggle(); } } });
    this.words = make("span", { class: "rvc-words" });
    this.values = make("span", { class: "rvc-values" });
    this.node = make("div", { class: "rvc-time", role: "group", "aria-label": "Time" },
      this.playButton, this.back, this.range, this.on, this.words, this.values);
    this.playing = null;
    this.backward = false; // which way it plays
  }

  toggle() {
    if (clock.isPlaying()) clock.pause();
    else { clock.setSteps(this.steps); clock.play({ back: this.backward }); }
  }

  setup(time) {
    this.steps = time.steps;
    this.labels = time.labels;
    this.range.max = time.steps - 1;
    // The words keep their width while the numbers run.
    this.words.style.minWidth = `${this.say(time.steps - 1).length + 0.5}ch`;
    this.widest = 0;
  }

  say(t) {
    const label = this.labels?.[t];
    return `t = ${t + 1} of ${this.steps}${label === undefined ? "" : `  ${label}`}`;
  }

  show(at, playing, values) {
    const t = Math.round(at);
    this.range.value = t;
    this.range.style.setProperty("--fill", `${this.steps > 1 ? (100 * at) / (this.steps - 1) : 100}%`);
    const words = this.say(t);
    if (this.words.textContent !== words) {
      this.words.textContent = words;
      this.range.setAttribute("aria-valuetext", words);
    }
    // A line breaks between values, never within one.
    const whole = values.replace(/(?<! ) (?! )/g, "\u00a0");
    if (this.values.textContent !== whole) this.values.textContent = whole;
    if (whole.length > this.widest) this.values.style.width = `${(this.widest = whole.length)}ch`;
    if (playing !== this.playing) {
      this.playing = playing;
      this.playButton.replaceChildren(icon(playing ? PAUSE : PLAY));
      this.playButton.title = playing ? "Pause" : "Play";
      this.playButton.setAttribute("aria-label", this.playButton.title);
    }
  }
}

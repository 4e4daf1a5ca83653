// A picture in SVG that Python drew. It stays where it is; at each step of the page's time its boxes of that step light
// up. The text of the picture is the app's own, and is read as SVG, not as HTML.
import * as clock from "./clock.js";
import { loadStyle } from "./page.js";
import { TimeBar } from "./timebar.js";

const pictures = new WeakMap();

export default function drawing({ data, parentElement }) {
  let picture = pictures.get(parentElement);
  if (!picture) pictures.set(parentElement, (picture = new Picture(parentElement)));
  picture.update(data);
  return () => setTimeout(() => {
    if (parentElement.isConnected) return;
    pictures.delete(parentElement);
    picture.destroy();
  });
}

export function read(svg) {
  const found = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return document.adoptNode(found);
}

class Picture {
  constructor(parent) {
    this.parent = parent;
    this.node = document.createElement("div");
    this.bar = new TimeBar();
    loadStyle(new URL("./live_chart.css", import.meta.url).href);
    this.onTime = ({ detail }) => { if (detail.steps !== undefined) this.light(); };
    window.addEventListener("rnnviz:time", this.onTime);
    parent.append(this.node, this.bar.node);
  }

  update({ svg, height, steps, first, bar }) {
    this.node.className = "rva-drawing";
    this.node.style.setProperty("--rva-height", `${height}px`);
    Object.assign(this, { steps, first });
    if (svg !== this.svg) {
      this.svg = svg;
      this.node.replaceChildren(read(svg));
    }
    this.parent.style.minHeight = "";
    this.bar.node.hidden = !bar;
    if (steps) {
      clock.setSteps(steps);
      this.bar.setup({ steps });
    }
    this.light();
  }

  // Nothing is lit before somebody has moved the time.
  light() {
    if (this.steps) this.bar.show(clock.now(this.steps), clock.isPlaying(), "");
    const t = this.steps && clock.touched() ? Math.round(clock.now(this.steps)) + this.first : null;
    for (const box of this.node.querySelectorAll("[data-t]")) {
      box.classList.toggle("rva-now", t !== null && Number(box.dataset.t) === t);
    }
  }

  destroy() {
    window.removeEventListener("rnnviz:time", this.onTime);
    this.node.remove();
    this.bar.node.remove();
  }
}

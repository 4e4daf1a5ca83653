// What all components of a page share: plotly.js, the templates, style sheets, the theme.
const once = new Map();

function remember(url, load) {
  if (!once.has(url)) {
    // A failure is not remembered: the next update tries again.
    once.set(url, load().catch((e) => { once.delete(url); throw e; }));
  }
  return once.get(url);
}

export const loadPlotly = (url) => remember(url, () => new Promise((done, fail) => {
  if (window.Plotly) return done(window.Plotly);
  const script = document.createElement("script");
  script.src = url;
  script.onload = () => done(window.Plotly);
  script.onerror = () => { script.remove(); fail(new Error("plotly.js could not be loaded")); };
  document.head.append(script);
}));

export const loadTemplates = (url) => remember(url, async () => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error("the chart templates could not be loaded");
  const templates = await answer.json();
  // Plotly otherwise measures each tick label at each drawing to hide those at the rim: 40 % of a redraw.
  for (const { layout } of Object.values(templates)) {
    for (const axis of ["xaxis", "yaxis"]) layout[axis] = { ticklabeloverflow: "allow", ...layout[axis] };
  }
  return templates;
});

export const loadStyle = (url) => remember(url, () => new Promise((done) => {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url });
  link.onload = done;
  link.onerror = done; // a plain look is better than none
  document.head.append(link);
}));

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function drawn(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function icon(path) {
  const svg = drawn("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  svg.append(drawn("path", { d: path }));
  return svg;
}

// A colour as CSS writes it, as [r, g, b] from 0 to 255. The canvas understands every notation.
let canvas;
function rgb(colour) {
  canvas ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = "#ffffff";
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

export const css = (node, name) => getComputedStyle(node).getPropertyValue(name).trim();

export function background(node) {
  return css(node, "--st-background-color") || "#ffffff";
}

export function isDark(node) {
  const [r, g, b] = rgb(background(node));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;
}

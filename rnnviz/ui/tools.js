// The quiet buttons of a chart: home view, picture, data, full screen.
import { background, icon, make } from "./page.js";

const HOME = "M2.5 8a5.5 5.5 0 1 0 1.9-4.2V2H3v4.2h4.2V4.8H5.3A4.1 4.1 0 1 1 3.9 8z";
const FULL = "M2.5 2.5H7v1.4H3.9V7H2.5zM9 2.5h4.5V7h-1.4V3.9H9zM2.5 9h1.4v3.1H7v1.4H2.5zM12.1 9h1.4v4.5H9v-1.4h3.1z";

export function toolbar(chart) {
  const button = (label, act, ...face) => make("button", { type: "button", class: "rvc-button", "aria-label": label,
    title: label, onclick: act }, ...face);
  const buttons = [
    button("Reset zoom", () => reset(chart), icon(HOME)),
    button("Download as PNG", () => picture(chart, "png"), "PNG"),
    button("Download as SVG", () => picture(chart, "svg"), "SVG"),
    button("Download data as CSV", () => save(new Blob(["\ufeff", csv(chart.head.data)], { type: "text/csv;charset=utf-8" }),
      `${chart.head.file}.csv`), "CSV"),
  ];
  if (document.fullscreenEnabled) {
    buttons.push(button("Full screen", () => fullScreen(chart.node), icon(FULL)));
  }
  return make("div", { class: "rvc-tools", role: "toolbar", "aria-label": "Chart tools" }, ...buttons);
}

const fullScreen = (node) => (document.fullscreenElement ? document.exitFullscreen() : node.requestFullscreen());

// What a double click does, for all axes, and the camera of a 3-D view.
function reset({ gd }) {
  const change = {};
  const full = gd._fullLayout;
  for (const name of Object.keys(full).filter((key) => /^[xy]axis\d*$/.test(key))) {
    const axis = full[name];
    if (axis._rangeInitial0 === undefined || axis._rangeInitial0 === null) change[`${name}.autorange`] = true;
    else change[`${name}.range`] = [axis._rangeInitial0, axis._rangeInitial1];
  }
  for (const id of full._subplots.gl3d ?? []) change[`${id}.camera`] = structuredClone(full[id]._scene.viewInitial);
  return window.Plotly.relayout(gd, change);
}

async function picture({ gd, node, head }, format) {
  const layout = { ...gd.layout, paper_bgcolor: background(node) };
  const size = { width: gd._fullLayout.width, height: gd._fullLayout.height };
  const url = await window.Plotly.toImage({ data: gd.data, layout, config: {} }, { format, scale: 2, ...size });
  const content = url.slice(url.indexOf(",") + 1);
  const bytes = format === "svg" ? decodeURIComponent(content)
    : Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  save(new Blob([bytes], { type: format === "svg" ? "image/svg+xml" : "image/png" }), `${head.file}.${format}`);
}

function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// A spreadsheet runs a cell that begins with one of these as a formula; an apostrophe keeps it text.
function text(value) {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// The shortest decimals that give back the same number: of a float32 seven to nine digits, of a float64 all.
function cell(value, single) {
  if (value === undefined || value === null || Number.isNaN(value)) return "";
  if (typeof value !== "number") return text(String(value));
  if (single) {
    for (const digits of [7, 8]) {
      const short = Number(value.toPrecision(digits));
      if (Math.fround(short) === value) return String(short);
    }
    return String(Number(value.toPrecision(9)));
  }
  return String(value);
}

const isSingle = (array) => array instanceof Float32Array;

// What the rows of a chart are called, a date say: the first line of what their points say.
function labels(data) {
  const found = new Map();
  for (const { hoverinfo, text: words, x } of data) {
    if (hoverinfo !== "text" || !Array.isArray(words) || !x) continue;
    words.forEach((said, k) => found.set(x[k], String(said).split("<br>")[0].replace(/<[^>]*>/g, "")));
  }
  return found;
}

// A candle is four values.
const apart = (trace) => (trace.type === "candlestick"
  ? ["open", "high", "low", "close"].map((part) => ({ name: `${trace.name} ${part}`, x: trace.x, y: trace[part] })) : [trace]);

export function csv(data) {
  const known = labels(data);
  const lines = [known.size ? "trace,x,y,z,label" : "trace,x,y,z"];
  data.flatMap(apart).forEach((trace, i) => {
    const name = text(String(trace.name ?? `trace ${i + 1}`).replace(/<[^>]*>/g, ""));
    const at = (axis, k) => (trace[axis] ? cell(trace[axis][k], isSingle(trace[axis]))
      : String((trace[`${axis}0`] ?? 0) + k * (trace[`d${axis}`] ?? 1)));
    const called = (k) => (known.size ? `,${text(known.get(trace.x?.[k]) ?? "")}` : "");
    if (trace.z?.length && trace.z[0]?.length !== undefined && typeof trace.z[0] !== "string") {
      trace.z.forEach((row, j) => {
        for (let k = 0; k < row.length; k++) {
          lines.push(`${name},${at("x", k)},${at("y", j)},${cell(row[k], isSingle(row))}${called(k)}`);
        }
      });
      return;
    }
    const count = Math.max(...["x", "y", "z"].map((axis) => trace[axis]?.length ?? 0));
    for (let k = 0; k < count; k++) {
      lines.push(`${name},${at("x", k)},${at("y", k)},${trace.z ? at("z", k) : ""}${called(k)}`);
    }
  });
  return lines.join("\r\n") + "\r\n";
}

// The quick way. While a slider is dragged often nothing changes but the numbers; Plotly would measure every label
// again. Here only the pixels of heat maps, the strokes and points of lines, and the words that move with them are
// made anew, and Plotly catches up when it is quiet.
//
// The way is taken only after it has proved itself on a picture of the same build that Plotly has drawn.
import { linesStand, planLines } from "./swift_lines.js";
import { learnMaps, planMaps } from "./swift_maps.js";
import { planWords, unmoved, written } from "./swift_words.js";

export class Swift {
  constructor() {
    this.proved = ""; // the signature of the pictures that it is good for
    this.maps = [];
  }

  // After a full drawing: compare with what Plotly has drawn. True where all agree.
  async learn(gd, head) {
    const token = (this.token = {});
    const maps = await learnMaps(gd, head);
    if (this.token !== token) return false;
    this.maps = maps ?? [];
    this.proved = maps && linesStand(gd, head) ? head.signature : "";
    return this.proved !== "";
  }

  // True where the new figure differs from the one that stands in its numbers only, and these are painted.
  paint(gd, before, after) {
    if (!after.signature || before.signature !== after.signature || gd._dragging) return false;
    // Lines need no waiting: they are compared when they are needed.
    if (this.proved !== after.signature && !hasMaps(before) && linesStand(gd, before)) this.proved = after.signature;
    if (this.proved !== after.signature) return false;
    // All is looked at before anything is touched.
    const plans = [planMaps(gd, this.maps, after), planLines(gd, after), planWords(gd, after)];
    if (plans.includes(null)) return false;
    for (const act of plans.flat()) act();
    return true;
  }
}

const hasMaps = ({ data }) => data.some(({ type }) => type === "heatmap");

// All of a figure but what can be painted quickly. To be made before Plotly writes its ranges into the layout.
export function signature({ data, layout, height, present, time }) {
  if (!data.some(({ type }) => type === "heatmap" || type === "scatter")) return "";
  const traces = data.map((trace) => {
    if (trace.type === "heatmap") return { ...trace, z: [trace.z.length, trace.z[0]?.length] };
    if (trace.type !== "scatter") return trace;
    // Names may hold numbers; they are written into a legend only.
    return { ...trace, x: trace.x?.length, y: trace.y?.length, name: layout.showlegend === false ? "" : trace.name };
  });
  const frame = { ...layout, annotations: layout.annotations?.map(unmoved) };
  for (const name of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
    if (written(layout[name])) frame[name] = { ...layout[name], title: { ...layout[name].title, text: "" } };
  }
  return JSON.stringify(brief([traces, frame, height, present, time]));
}

// Typed arrays as a number each: as text they would be long.
function brief(value) {
  if (ArrayBuffer.isView(value)) return `${value.length} ${digest(value)}`;
  if (Array.isArray(value)) return typeof value[0] === "object" ? value.map(brief) : value;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, brief(inner)]));
}

function digest({ buffer, byteOffset, byteLength }) {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

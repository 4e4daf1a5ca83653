// Lines and points without Plotly: their places on the axes as they are, zoomed or not.
import { axisOf } from "./overlay.js";

const NEAR = 0.5; // pixels within which a picture counts as the same

// Whether this module would draw the picture that stands as Plotly has drawn it.
export function linesStand(gd, head) {
  const all = traces(gd, head);
  return all !== null && all.every(({ line, spots }) => {
    const { strokes, paths } = line;
    const sameLine = strokes.length === paths.length && strokes.every((stroke, k) => ends(stroke, paths[k].getAttribute("d")));
    return sameLine && spots.every(({ node, x, y }) => near([x, y], numbers(node.getAttribute("transform") ?? "")));
  });
}

export function planLines(gd, after) {
  const all = traces(gd, after);
  if (all === null) return null;
  const acts = [];
  for (const { index, trace, cd, line, spots, words } of all) {
    if (line.strokes.length && !line.paths.length) return null;
    acts.push(() => {
      drawLine(line);
      for (const { node, x, y } of spots) node.setAttribute("transform", `translate(${x},${y})`);
      for (const { node, x, y } of words) { node.setAttribute("x", x); node.setAttribute("y", y); }
      // What hover labels, the cursor and downloads read.
      cd.forEach((point, i) => {
        const whole = Number.isFinite(trace.x[i]) && Number.isFinite(trace.y[i]);
        point.x = whole ? trace.x[i] : undefined;
        point.y = whole ? trace.y[i] : undefined;
      });
      const { x, y, name } = trace;
      Object.assign(gd.data[index], { x, y, name });
      // Other objects than those above: else Plotly would see no change when it catches up.
      Object.assign(gd._fullData[index], { x: x.slice(), y: y.slice(), name });
    });
  }
  return acts;
}

// What is to be drawn of each line on the page, with the nodes for it; null where something is not understood.
function traces(gd, head) {
  const groups = new Map();
  for (const node of gd.querySelectorAll(".scatterlayer > .trace")) groups.set(node.__data__?.[0]?.trace?.index, node);
  const all = [];
  for (const [index, trace] of head.data.entries()) {
    if (trace.type !== "scatter") continue;
    const one = look(gd, index, trace, groups.get(index));
    if (!one) return null;
    all.push(one);
  }
  return all;
}

function look(gd, index, trace, group) {
  const [full, cd] = [gd._fullData[index], gd.calcdata[index]];
  if (!group || full.visible !== true || cd?.length !== trace.y?.length || cd.length !== trace.x?.length) return null;
  if (full.line && full.line.shape !== "linear") return null;
  if ((full.fill ?? "none") !== "none" || full.stackgroup || full.error_x?.visible || full.error_y?.visible) return null;
  const axes = [axisOf(gd._fullLayout, full.xaxis, "x"), axisOf(gd._fullLayout, full.yaxis, "y")];
  for (const [k, values] of [trace.x, trace.y].entries()) {
    const { type, autorange } = axes[k];
    if (type !== "linear" && type !== "log") return null;
    if (type === "log" && values.some((value) => value <= 0)) return null;
    // Plotly would choose another range.
    if (autorange && values.some((value, i) => value !== cd[i]["xy"[k]] && Number.isFinite(value))) return null;
  }
  const places = values(trace, axes);
  const line = { paths: [...group.querySelectorAll(".lines > .js-line")], strokes: [] };
  if (full.mode.includes("lines")) line.strokes = strokes(places, full.connectgaps);
  const [spots, words] = [marks(group, ".points > .point", places), marks(group, ".textpoint > text", places)];
  if (spots.length || words.length) {
    // Which points are shown, and in front of which of them a node stands, is Plotly's to say.
    const [x, y] = axes;
    const inside = full.marker?.maxdisplayed > 0
      ? ([u, v]) => u >= 0 && u <= x._length && v >= 0 && v <= y._length : ([u]) => u === u;
    const before = values({ x: cd.map((point) => point.x), y: cd.map((point) => point.y) }, axes);
    if (places.some((place, i) => inside(place) !== inside(before[i]))) return null;
  }
  if (words.some(({ node }) => node.firstElementChild)) return null;
  return { index, trace, cd, line, spots, words };
}

const round = (value) => Math.round(value * 100) / 100;

// Pixels in the panel, NaN twice for a gap.
function values({ x, y }, [xaxis, yaxis]) {
  return Array.from(x, (value, i) => {
    const [u, v] = [round(xaxis.c2p(value)), round(yaxis.c2p(y[i]))];
    return Number.isFinite(u) && Number.isFinite(v) ? [u, v] : [NaN, NaN];
  });
}

function strokes(places, bridged) {
  const done = [];
  let stroke = [];
  const end = () => {
    if (stroke.length > 1) done.push(`M${stroke.join("L")}`);
    stroke = [];
  };
  for (const place of places) {
    if (place[0] === place[0]) stroke.push(place);
    else if (!bridged) end();
  }
  end();
  return done;
}

function drawLine({ paths, strokes }) {
  // Where a gap has come or gone, one path takes all; the next drawing of Plotly's puts that right.
  const own = paths.length === strokes.length ? strokes : [strokes.join("")];
  paths.forEach((path, k) => path.setAttribute("d", own[k] || "M0,0"));
}

function marks(group, selector, places) {
  return [...group.querySelectorAll(selector)].map((node) => {
    const [x, y] = places[node.__data__.i];
    return { node, x, y };
  });
}

const numbers = (text) => (text.match(/-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number);
const near = (a, b) => a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) <= NEAR);

// Whether two strokes begin and end at the same places; in between Plotly leaves points out that nobody would see.
function ends(own, theirs) {
  const [a, b] = [numbers(own), numbers(theirs)];
  return near([...a.slice(0, 2), ...a.slice(-2)], [...b.slice(0, 2), ...b.slice(-2)]);
}

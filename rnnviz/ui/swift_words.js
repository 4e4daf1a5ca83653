// The words that go with the numbers: labels that stand at a value, and titles of axes that quote one.
import { axisOf } from "./overlay.js";

const AXIS = /^[xy]\d*$/;
const PLAIN = /^[^<&$\n]*$/; // what Plotly writes as it is

// The label without the values that it stands at; what stands at a share of the panel or the paper does not move.
export function unmoved(note) {
  if (note.showarrow !== false) return note;
  const { x, y } = values(note);
  return { ...note, x: x === undefined ? note.x : "", y: y === undefined ? note.y : "" };
}

const values = ({ x, y, xref = "x", yref = "y" }) => ({ x: AXIS.test(xref) ? x : undefined, y: AXIS.test(yref) ? y : undefined });

const title = (axis) => axis?.title?.text;

// Whether a title is plain text, so that it can be written over.
export const written = (axis) => typeof title(axis) === "string" && PLAIN.test(title(axis));

export function planWords(gd, after) {
  const acts = [];
  const full = gd._fullLayout;
  for (const [index, note] of (after.layout.annotations ?? []).entries()) {
    if (note.showarrow !== false) continue;
    const by = [];
    let shown = true;
    for (const [letter, value] of Object.entries(values(note))) {
      if (value === undefined) { by.push(0); continue; }
      const axis = axisOf(full, note[`${letter}ref`], letter);
      const place = axis.r2p(value);
      shown &&= place >= 0 && place <= axis._length;
      by.push(Math.round(place - axis.r2p(full.annotations[index][letter])));
    }
    const node = gd.querySelector(`.infolayer > .annotation[data-index="${index}"]`);
    // Plotly leaves a group empty whose place lies outside the panel.
    if (shown !== Boolean(node?.querySelector(".annotation-text"))) return null;
    if (shown) acts.push(() => node.setAttribute("transform", `translate(${by})`));
  }
  if (acts.length) acts.push(() => { gd.layout.annotations = after.layout.annotations; });
  for (const [name, axis] of Object.entries(after.layout)) {
    const text = title(axis);
    if (!/^[xy]axis/.test(name) || !written(axis) || text === title(gd.layout[name])) continue;
    const node = gd.querySelector(`.${full[name]._id}title`);
    if (!node || node.firstElementChild) return null;
    acts.push(() => {
      node.textContent = text;
      gd.layout[name].title = axis.title;
    });
  }
  return acts;
}

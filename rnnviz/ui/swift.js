// The quick way for heat maps. While a slider is dragged often nothing changes but the numbers in the matrices;
// Plotly would measure every label again. Here only the pixels are made anew, and Plotly catches up when it is quiet.
//
// The way is taken only after it has proved itself on the picture that stands: its pixels must be Plotly's own.
const XLINK = "http://www.w3.org/1999/xlink";
const COLOURS = 1024;

export class Swift {
  constructor() {
    this.maps = null; // uid -> { image, colours, ... } of the picture that stands, or null while not proved
  }

  // After a full drawing: find the images and compare. True where all agree.
  async learn(gd, head) {
    this.maps = null;
    const token = (this.token = {});
    const maps = [];
    for (const group of gd.querySelectorAll(".heatmaplayer .hm")) {
      const cd = group.__data__?.[0];
      const image = group.querySelector("image");
      if (!cd?.trace || !image || cd.trace.zsmooth || cd.trace.visible !== true) continue;
      const { index, colorscale, reversescale, zmin, zmax } = cd.trace;
      if (!head.data[index]?.z || !Array.isArray(colorscale)) return false;
      maps.push({ index, image, cd, zmin, zmax, colours: table(colorscale, reversescale) });
    }
    const heatmaps = head.data.filter((trace) => trace.type === "heatmap").length;
    if (!maps.length || maps.length !== heatmaps) return false;
    for (const map of maps) if (!(await proved(map, head.data[map.index].z))) return false;
    if (this.token !== token) return false;
    this.maps = maps;
    return true;
  }

  // True where the new figure differs from the one that stands in its matrices only, and these are painted.
  paint(gd, before, after) {
    if (!this.maps || before.signature !== after.signature) return false;
    if (!this.maps.every(({ image }) => image.isConnected)) return false;
    for (const map of this.maps) {
      const { z } = after.data[map.index];
      map.image.setAttributeNS(XLINK, "xlink:href", pixels(map, z).toDataURL());
      // What the hover label reads.
      map.cd.z = gd.data[map.index].z = z;
    }
    return true;
  }
}

// All of a figure but the numbers in its matrices. To be made before Plotly writes its ranges into the layout.
export function signature({ data, layout, height, present }) {
  const others = data.map((trace) => (trace.type === "heatmap"
    ? { ...trace, z: [trace.z.length, trace.z[0]?.length] } : trace));
  return others.some((trace) => trace.type === "heatmap") ? JSON.stringify([others, layout, height, present]) : "";
}

function table(colorscale, reversed) {
  const context = new OffscreenCanvas(COLOURS, 1).getContext("2d", { willReadFrequently: true });
  const [x0, x1] = reversed ? [COLOURS - 0.5, 0.5] : [0.5, COLOURS - 0.5];
  const gradient = context.createLinearGradient(x0, 0, x1, 0);
  for (const [at, colour] of colorscale) gradient.addColorStop(at, colour);
  context.fillStyle = gradient;
  context.fillRect(0, 0, COLOURS, 1);
  return new Uint32Array(context.getImageData(0, 0, COLOURS, 1).data.buffer);
}

// One pixel a cell. The rows lie as the axis runs.
function pixels({ zmin, zmax, colours, upward }, z) {
  const [rows, columns] = [z.length, z[0].length];
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const picture = context.createImageData(columns, rows);
  const out = new Uint32Array(picture.data.buffer);
  const scale = (COLOURS - 1) / (zmax - zmin);
  for (let j = 0; j < rows; j++) {
    const row = z[upward ? rows - 1 - j : j];
    for (let i = 0; i < columns; i++) {
      const level = Math.min(Math.max(Math.round((row[i] - zmin) * scale), 0), COLOURS - 1);
      out[j * columns + i] = level === level ? colours[level] : 0; // not a number: a hole
    }
  }
  context.putImageData(picture, 0, 0);
  return canvas;
}

async function proved(map, z) {
  const standing = new Image();
  standing.src = map.image.getAttributeNS(XLINK, "href") ?? map.image.getAttribute("href");
  await standing.decode();
  const [width, height] = [z[0].length, z.length];
  if (standing.width !== width || standing.height !== height || map.cd.z.length !== height) return false;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(standing, 0, 0);
  const theirs = context.getImageData(0, 0, width, height).data;
  for (const upward of [true, false]) {
    map.upward = upward;
    const own = pixels(map, z).getContext("2d").getImageData(0, 0, width, height).data;
    if (own.every((value, k) => Math.abs(value - theirs[k]) <= 4)) return true;
  }
  return false;
}

// The fixed scales of the picture of a cell: the ladders of colour are those of the charts (figures/theme.py). What a
// sigmoid made, and 1 - it, is sequential on [0, 1]; all else is diverging on +-reach of its node.
export const LADDERS = {
  light: {
    sequential: "#f0f2ec #c3dbe1 #96c4d5 #6cacc8 #3e94ba #1f7aa4 #096188 #064968 #04324a",
    diverging: "#8f3d06 #b25a18 #d67729 #e7a069 #f1c9a6 #f3f3ee #b8d4e2 #80b3d2 #4893bf #2270a1 #0b4f7d",
  },
  dark: {
    sequential: "#1c2428 #203d4b #205871 #2c7492 #3990b5 #5eadcd #83c9e4 #b7e3f4 #f0fbff",
    diverging: "#ffd09a #e5a061 #c5732b #925320 #5f371c #1c2428 #1f475e #266b93 #3692c5 #6eb9e5 #a8e0ff",
  },
};

const LEVELS = 240; // a multiple of the steps of both ladders: their own colours are hit
const INKS = [[28, 35, 38], [255, 255, 255]]; // dark and light words
const [THIN, THICK] = [1, 7]; // pixels of a wire that carries nothing, and of one at the end of its scale

const light = ([r, g, b]) => {
  const linear = (v) => (v <= 10.3 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
};
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
const spelt = (rgb) => `rgb(${rgb.join(", ")})`;

// All levels of a ladder, as CSS writes colours, each with the ink of words on it; between its colours straight in RGB,
// as Plotly goes.
function table(ladder) {
  const stops = ladder.split(" ").map((hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const each = LEVELS / (stops.length - 1);
  const levels = Array.from({ length: LEVELS + 1 }, (_, level) => {
    const k = Math.min(Math.floor(level / each), stops.length - 2);
    const part = level / each - k;
    return stops[k].map((from, c) => Math.round(from + part * (stops[k + 1][c] - from)));
  });
  const ink = (ground) => spelt(contrast(INKS[0], ground) >= contrast(INKS[1], ground) ? INKS[0] : INKS[1]);
  // As a picture's memory holds them, little-endian.
  const pixels = Uint32Array.from(levels, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
  return { colours: levels.map(spelt), inks: levels.map(ink), pixels };
}

const tables = {};
for (const [theme, scales] of Object.entries(LADDERS)) {
  for (const [scale, ladder] of Object.entries(scales)) tables[`${theme} ${scale}`] = table(ladder);
}

// "sequential" or "diverging".
export const scaleOf = (model, name) =>
  (["sigmoid", "complement"].includes(model.node(name).kind) ? "sequential" : "diverging");

// The ends of the scale of a node: [0, 1], or [-reach, reach].
export function limits(model, name) {
  const { reach } = model.node(name);
  return scaleOf(model, name) === "sequential" ? [0, 1] : [-reach, reach];
}

// A colour of a scale at a share of its length, from 0 to 1; what is no number has none.
export function shade(scale, share, dark) {
  if (Number.isNaN(share)) return "transparent";
  return tables[`${dark ? "dark" : "light"} ${scale}`].colours[Math.round(LEVELS * Math.min(Math.max(share, 0), 1))];
}

const share = (model, name, value) => {
  const [low, high] = limits(model, name);
  return (value - low) / (high - low);
};

// A row of a node as pixels of a picture of one line; no number leaves a gap.
export function paint(model, name, row, dark, pixels) {
  const [low, high] = limits(model, name);
  const { pixels: found } = tables[`${dark ? "dark" : "light"} ${scaleOf(model, name)}`];
  const scale = LEVELS / (high - low);
  for (let k = 0; k < row.length; k++) {
    const level = Math.round((row[k] - low) * scale);
    pixels[k] = Number.isNaN(level) ? 0 : found[level < 0 ? 0 : level > LEVELS ? LEVELS : level];
  }
}

// The colour of a value of a node.
export const colour = (model, name, value, dark) => shade(scaleOf(model, name), share(model, name, value), dark);

// The colour of words on it.
export function ink(model, name, value, dark) {
  const at = share(model, name, value);
  if (Number.isNaN(at)) return "currentColor";
  const { inks } = tables[`${dark ? "dark" : "light"} ${scaleOf(model, name)}`];
  return inks[Math.round(LEVELS * Math.min(Math.max(at, 0), 1))];
}

// How thick a wire is that carries numbers of this size (Model.size).
export function thickness(model, name, size) {
  const part = size / limits(model, name)[1];
  return THIN + (THICK - THIN) * Math.min(Number.isNaN(part) ? 0 : part, 1);
}

// A number as it is shown: at most `digits` after the point, but never "0.000" where it is not 0.
export function spell(value, digits) {
  if (!Number.isFinite(value)) return "no number";
  const size = Math.abs(value);
  const sign = value < 0 ? "\u2212" : "";
  if (size !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e5)) {
    const [mantissa, exponent] = size.toExponential(1).split("e");
    return `${sign}${mantissa}e${exponent.replace("+", "").replace("-", "\u2212")}`;
  }
  const least = Math.max(0, digits - Math.max(0, Math.floor(Math.log10(size || 1))));
  return `${sign}${size.toFixed(least)}`;
}

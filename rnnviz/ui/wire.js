// The browser's end of wire.py: bytes to a figure with typed arrays.
const TYPES = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u2: Uint16Array };
const GAP = 65535;

export function decode(bytes) {
  // A copy: Streamlit's message may start anywhere in its buffer, typed arrays must be aligned. It is also ours.
  const buffer = bytes.slice().buffer;
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  let at = 8 + length + (-length & 7);
  const arrays = head.arrays.map(([type, count, shape, low, step]) => {
    const raw = new TYPES[type](buffer, at, count);
    at += (raw.byteLength + 7) & ~7;
    return rows(low === null ? raw : expand(raw, low, step), shape);
  });
  head.data = restore(head.data, arrays);
  head.layout = restore(head.layout, arrays);
  return head;
}

function expand(levels, low, step) {
  const out = new Float32Array(levels.length);
  for (let i = 0; i < levels.length; i++) out[i] = levels[i] === GAP ? NaN : low + step * levels[i];
  return out;
}

// Plotly wants matrices as arrays of rows; rows are views, nothing is copied.
function rows(flat, shape) {
  if (!shape) return flat;
  if (shape.length > 2) {
    const size = flat.length / shape[0];
    return Array.from({ length: shape[0] }, (_, i) => rows(flat.subarray(i * size, (i + 1) * size), shape.slice(1)));
  }
  const [count, width] = shape;
  return Array.from({ length: count }, (_, i) => flat.subarray(i * width, (i + 1) * width));
}

function restore(value, arrays) {
  if (Array.isArray(value)) {
    return value.length && typeof value[0] === "object" ? value.map((inner) => restore(inner, arrays)) : value;
  }
  if (value === null || typeof value !== "object") return value;
  if (value.$a !== undefined) return arrays[value.$a];
  for (const name in value) value[name] = restore(value[name], arrays);
  return value;
}

export function same(a, b) {
  if (!a || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

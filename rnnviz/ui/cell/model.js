// What Python sent of a run (ui/cell/component.py), as the parts of the picture ask for it. Rows are typed arrays,
// never copied; a missing number is NaN.
export class Model {
  constructor(data) {
    Object.assign(this, data);
    this.byName = new Map(data.nodes.map((node) => [node.name, node]));
    this.matrices = new Map([...data.params, ...data.readout].map(({ name, array }) => [name, array]));
    this.backward = new Map(data.gradients.map(({ name, array }) => [name, array]));
    const last = this.byName.get(data.states[0]).array;
    this.T = last.length;
    this.H = last[0].length;
    this.D = this.byName.get("x").array[0].length;
  }

  node(name) {
    return this.byName.get(name);
  }

  // What a unit is called; they are counted from 0 where nothing else is said.
  called(unit) {
    return unit + (this.first ?? 0);
  }

  // Whether each unit has a number of its own in it: the input of several numbers has one for each of these.
  each(name) {
    return name !== "x" || this.D === 1;
  }

  // The unit before or after; beyond the last one stands null, the mean of all, and then the first again.
  next(unit, by) {
    if (this.H === 1) return 0;
    const at = ((unit ?? this.H) + by + this.H + 1) % (this.H + 1);
    return at === this.H ? null : at;
  }

  // All numbers of a node at step t, from 0: H of them, or D of the input.
  row(name, t) {
    if (!name.endsWith("_before")) return this.byName.get(name).array[t];
    return t === 0 ? this.byName.get(name).array[0] : this.byName.get(name.replace("_before", "")).array[t - 1];
  }

  // A parameter: an array of rows, or of numbers; undefined where the cell has none of that name.
  param(name) {
    return this.matrices.get(name);
  }

  // The rows, or numbers, of a parameter that belong to a block of the gates.
  block(name, block) {
    const whole = this.param(name);
    const k = this.blocks.indexOf(block);
    return whole && (whole.subarray ?? whole.slice).call(whole, k * this.H, (k + 1) * this.H);
  }

  // dL/dh_t, or dL/dc_t, of all units; undefined without gradients.
  gradient(name, t) {
    return this.backward.get(name)?.[t];
  }

  // One number for the picture: that of a unit, or with null the mean over all of them. Of an input of several numbers
  // it is that at the unit's place, or of the last: see `each`.
  number(name, t, unit) {
    const row = this.row(name, t);
    if (unit !== null) return row[Math.min(unit, row.length - 1)];
    let sum = 0;
    for (const value of row) sum += value;
    return sum / row.length;
  }

  // How large it is, for the thickness of a line: of a unit, or with null the root of the mean square. An input of
  // several numbers counts as a whole, by its length.
  size(name, t, unit) {
    const whole = !this.each(name);
    if (unit !== null && !whole) return Math.abs(this.number(name, t, unit));
    const row = this.row(name, t);
    let sum = 0;
    for (const value of row) sum += value * value;
    return Math.sqrt(whole ? sum : sum / row.length);
  }
}

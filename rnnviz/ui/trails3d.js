// Heads and trails of paths in three dimensions: two more traces a path, moved at most once a frame.
export class Trails3D {
  constructor() {
    this.paths = [];
    this.pending = null;
    this.busy = false;
  }

  // The traces to draw besides the figure's own. Called before each drawing, with the decoded figure.
  traces(head, at, accent) {
    this.first = head.data.length;
    this.steps = head.time?.steps ?? 0;
    this.paths = (head.time?.trails ?? []).flatMap((trail) => {
      const trace = head.data[trail.trace];
      if (trace?.type !== "scatter3d" || trace.visible === false) return [];
      const colour = typeof trace.line?.color === "string" ? trace.line.color : accent;
      return [{ trail, trace, colour }];
    });
    const places = this.places(at);
    return this.paths.flatMap(({ trace, colour }, i) => {
      const common = { type: "scatter3d", scene: trace.scene, hoverinfo: "skip", showlegend: false, connectgaps: false };
      return [
        { ...common, ...places[2 * i], mode: "lines", line: { color: colour, width: 8 }, uid: `trail${i}` },
        { ...common, ...places[2 * i + 1], mode: "markers", marker: { color: colour, size: 8 }, uid: `head${i}` },
      ];
    });
  }

  places(at) {
    const t = Math.round(at);
    return this.paths.flatMap(({ trail, trace }) => {
      const [from, to] = [trail.start + Math.max(0, t - trail.window + 1), trail.start + t + 1];
      const cut = (a, b) => ({ x: [...trace.x.slice(a, b)], y: [...trace.y.slice(a, b)], z: [...trace.z.slice(a, b)] });
      return [cut(from, to), cut(to - 1, to)];
    });
  }

  move(gd, at) {
    if (!this.paths.length) return;
    this.pending = Math.round(at);
    if (this.busy) return;
    this.busy = true;
    requestAnimationFrame(async () => {
      const t = this.pending;
      const places = this.places(t);
      const change = { x: [], y: [], z: [] };
      for (const place of places) for (const axis of "xyz") change[axis].push(place[axis]);
      try {
        await window.Plotly.restyle(gd, change, places.map((_, i) => this.first + i));
      } finally {
        this.busy = false;
      }
      if (this.pending !== t) this.move(gd, this.pending);
    });
  }
}

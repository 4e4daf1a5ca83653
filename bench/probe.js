// Measures in the page what a visitor sees. The same code watches Streamlit's own charts and the live ones.
window.probe = (() => {
  // What a chart shows: the geometry of its marks and the pictures of its heat maps. Axes, legends and overlays are
  // left out. A chart without a single mark is not there yet.
  const MARKS = ".cartesianlayer :is(.js-line, .js-fill, .point path, .heatmaplayer image)";
  const signature = (chart) => [...chart.querySelectorAll(MARKS)]
    .map((mark) => mark.getAttribute("d") ?? mark.getAttribute("href") ?? mark.getAttribute("xlink:href") ?? "")
    .join("|");
  const signatures = () => [...document.querySelectorAll(".js-plotly-plot")].map(signature).filter(Boolean);

  let dirty = true;
  const observer = new MutationObserver(() => { dirty = true; });
  // No attributeFilter: it leaves out attributes with a namespace, and an image's link may have one.
  const options = { subtree: true, childList: true, attributes: true };
  document.addEventListener("DOMContentLoaded", () => observer.observe(document.body, options));

  let press = null; // when the key went down
  let before = []; // what the charts showed then
  let firsts = []; // when each of them first showed something else
  let frames = []; // every frame in which any chart had changed
  let last = [];
  let count = 0;
  let quiet = 0; // when the last change was

  addEventListener("keydown", (event) => { if (press === null) press = event.timeStamp; }, true);
  addEventListener("rnnviz:painted", () => { count += 1; });

  function look() {
    requestAnimationFrame(look);
    if (!dirty) return;
    dirty = false;
    const now = signatures();
    if (now.length < before.length) return; // a chart is being replaced
    if (now.every((text, index) => text === last[index]) && now.length === last.length) return;
    last = now;
    const changed = now.flatMap((text, index) => (text !== before[index] && !firsts[index] ? [index] : []));
    // The change is in the document; it is on the screen after the next two frames.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const time = performance.now();
      quiet = time;
      frames.push(time);
      for (const index of changed) firsts[index] ??= time;
    }));
  }
  requestAnimationFrame(look);

  return {
    signatures,
    arm() { before = last = signatures(); firsts = []; frames = []; press = null; count = 0; quiet = 0; },
    // Milliseconds from the key press until every chart that answered it has been painted; null: none yet, or not
    // yet known whether more will come.
    painted(calm) {
      const running = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";
      if (press === null || !quiet || running || performance.now() - quiet < calm) return null;
      return Math.max(...firsts.filter(Boolean)) - press;
    },
    frames: () => frames,
    events: () => count,
    now: () => performance.now(),
  };
})();

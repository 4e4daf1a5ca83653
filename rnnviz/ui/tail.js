// The address bar and the end of a run. Only parameters that this app does not know of are kept: Streamlit's own.
const KEPT = /^embed(_options)?$/;
const REST = 200; // ms between two addresses: browsers refuse more than a hundred in ten seconds

let due = null;
let timer = 0;
let written = -REST;

export default function tail({ data }) {
  // First who waits for the end of the run, then the address, which nobody waits for.
  window.dispatchEvent(new CustomEvent("rnnviz:settled", { detail: { run: data.run } }));
  due = { query: data.query, path: location.pathname };
  timer ||= setTimeout(write, Math.max(0, written + REST - performance.now()));
}

function write() {
  timer = 0;
  written = performance.now();
  if (location.pathname !== due.path) return; // another page by now
  const params = new URLSearchParams(due.query);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (KEPT.test(name)) params.append(name, value);
  }
  const query = params.toString();
  const address = location.pathname + (query ? `?${query}` : "") + location.hash;
  if (address !== location.pathname + location.search + location.hash) {
    // The state object belongs to Streamlit; it is handed on as it is.
    history.replaceState(history.state, "", address);
  }
}

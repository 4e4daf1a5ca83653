// The address bar, the end of a run, and the ground of what opens outside the page. Only parameters that this app
// does not know of are kept in the address: Streamlit's own.
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
  setTimeout(ground);
}

// Streamlit tells its own element alone whether the theme is dark; what opens outside it, a popover, is to know too.
function ground() {
  const app = document.querySelector("[data-testid=stApp]");
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  if (scheme && document.documentElement.style.colorScheme !== scheme) document.documentElement.style.colorScheme = scheme;
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

// The address bar and the end of a run. Only parameters that this app does not know of are kept: Streamlit's own.
const KEPT = /^embed(_options)?$/;

export default function tail({ data }) {
  const params = new URLSearchParams(data.query);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (KEPT.test(name)) params.append(name, value);
  }
  const query = params.toString();
  const address = location.pathname + (query ? `?${query}` : "") + location.hash;
  if (address !== location.pathname + location.search + location.hash) {
    // The state object belongs to Streamlit; it is handed on as it is.
    history.replaceState(history.state, "", address);
  }
  window.dispatchEvent(new CustomEvent("rnnviz:settled", { detail: { run: data.run } }));
}

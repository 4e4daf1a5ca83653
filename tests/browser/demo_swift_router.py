"""The script behind `demo_swift.py`: lines, points, labels and a fit, on a linear and a log axis."""

import numpy as np
import streamlit as st

from rnnviz.ui.live_chart import TimeScrub, live_chart
from rnnviz.ui.live_slider import live_slider
from rnnviz.ui.tail import tail

STEPS = 40

st.set_page_config(layout="wide")
state = st.session_state
state["run"] = state.get("run", 0) + 1
bend = live_slider(
    "Bend", key="bend", value=state.get("bent", 1.0), minimum=0.1, maximum=6.0, step=0.1, version=0
)
state["bent"] = bend
t = np.arange(STEPS)
falling = 10.0 ** (-bend * t / 10)
waves = np.sin(bend * t[None] / (4 + np.arange(3)[:, None])).astype("f4")
if "gaps" in st.query_params:
    falling[10:13] = np.nan
    falling[20] = np.nan
    waves[:, 5] = np.nan
if "moving" in st.query_params and bend > 2:
    waves[0, 7:9] = np.nan
faint = np.full((3, STEPS + 1), np.nan, dtype=np.float32)
faint[:, :STEPS] = waves
end = float(np.cos(bend))
data = [
    {
        "type": "scatter", "mode": "lines" if "moving" in st.query_params else "lines+markers", "name": "falling",
        "x": t + 1, "y": falling, "line": {"dash": "dash"}, "marker": {"maxdisplayed": 8},
    },
    {
        "type": "scatter", "mode": "lines", "name": f"fitted: {bend:.3g}", "x": np.array([1.0, STEPS - 3 * bend]),
        "y": 10.0 ** np.array([0.0, -bend]), "line": {"dash": "4px,4px"},
    },
    {
        "type": "scatter", "mode": "lines", "name": "all", "x": np.tile(np.arange(STEPS + 1), 3), "y": faint.ravel(),
        "xaxis": "x2", "yaxis": "y2", "opacity": 0.5, "connectgaps": False,
    },
    {
        "type": "scatter", "mode": "markers+text", "name": "end", "x": np.array([20.0 + bend]), "y": np.array([end]),
        "text": ["end"], "textposition": "top right", "marker": {"size": 9}, "xaxis": "x2", "yaxis": "y2",
    },
]  # fmt: skip
if bend > 5:
    data.append({"type": "scatter", "mode": "lines", "x": t, "y": t, "xaxis": "x2", "yaxis": "y2"})
layout = {
    "showlegend": False,
    "xaxis": {"domain": [0, 0.45], "range": [-4, 42], "title": {"text": f"falls {bend:.2f} a decade"}},
    "yaxis": {"type": "log", "range": [-12 if bend < 4 else -30, 0.5], "title": {"text": "size"}},
    "xaxis2": {"domain": [0.55, 1], "range": [0, 42], "anchor": "y2"},
    "yaxis2": {"range": [-1.1, 1.1], "anchor": "x2"},
    "annotations": [
        {"text": "falling", "showarrow": False, "x": 0, "y": -bend / 2, "yref": "y", "xanchor": "right"},
        {"text": "end", "showarrow": False, "x": 1, "xref": "x2 domain", "y": end, "yref": "y2", "xanchor": "right"},
        {"text": "still", "showarrow": False, "x": 0, "xref": "paper", "y": 1, "yref": "paper"},
    ],
}  # fmt: skip
live_chart(
    {"data": data, "layout": layout}, key="curves", alt="Curves", height=360, filename="curves",
    time=TimeScrub(steps=STEPS, axes=("x", "x2"), first=1),
)  # fmt: skip
tail("&".join(f"{name}={value}" for name, value in st.query_params.items()), state["run"])

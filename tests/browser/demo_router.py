"""The script behind `demo_components.py`: a page of lines, one of paths, one of sliders."""

import time

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from rnnviz.ui.live_chart import TimeScrub, Trail, live_chart
from rnnviz.ui.live_slider import live_slider
from rnnviz.ui.tail import tail

st.set_page_config(layout="wide")
state = st.session_state
state["run"] = state.get("run", 0) + 1
state.setdefault("steps", 60)
state.setdefault("version", 0)


def length() -> int:
    chosen = live_slider(
        "Sequence length",
        key="n",
        value=state["steps"],
        minimum=2,
        maximum=500,
        step=1,
        help="How many steps the network reads.",
        version=state["version"],
    )
    state["steps"] = chosen
    return chosen


def waves(count: int, units: int) -> np.ndarray:
    steps = np.arange(count)
    return np.tanh(np.sin(steps[None] / (3 + np.arange(units)[:, None])) * 1.7).astype("f4")


def lines_page() -> None:
    left, right = st.columns(2)
    with left:
        count = length()
    with right:
        bias = live_slider(
            "Forget bias",
            key="forget",
            value=None,
            minimum=-3.0,
            maximum=6.0,
            step=0.1,
            unset_label="as initialised",
            marks={0.0: "0", 1.0: "1"},
            format="%+.1f",
        )
    if st.query_params.get("slow"):
        time.sleep(float(st.query_params["slow"]))
    values = waves(count, 3)
    lines = go.Figure(layout={"template": None})
    for name, row in zip(("LSTM", "GRU", "=RNN"), values, strict=True):
        lines.add_scatter(x=np.arange(1, count + 1), y=row, name=name, mode="lines")
    lines.update_layout(xaxis_title="time step", yaxis={"title": "value", "range": [-1.05, 1.05]})
    blue = {"font_color": "#0072b2", "showarrow": False}
    lines.add_annotation(x=20, y=0.9, text="<span style='color:#cf5200'>GRU</span> LSTM", **blue)
    live_chart(
        lines,
        key="lines",
        alt="Three lines over time",
        height=300,
        filename="lines",
        time=TimeScrub(steps=count, first=1),
    )
    maps = go.Figure(layout={"template": None})
    maps.set_subplots(2, 2, subplot_titles=("i", "f", "g", "o"))
    for k in range(4):
        z = waves(count, 16) * (k + 1) / 4 * (1 - 0.1 * (bias or 0.0))
        z[3, 0] = np.nan
        maps.add_heatmap(z=z, x0=1, dx=1, name=f"gate {'ifgo'[k]}", zmin=-1, zmax=1, coloraxis=None,
                         showscale=k == 0, row=k // 2 + 1, col=k % 2 + 1)  # fmt: skip
    days = go.Figure(layout={"template": None})
    spoken = [f"<b>2021-03-{k + 1:02d}</b><br>close {k}" for k in range(3)]
    days.add_scatter(
        x=[7, 8, 9], y=[1.5, None, 2.5], name="close", text=spoken, hoverinfo="text", mode="lines"
    )
    days.add_scatter(x=[7, 8, 9], y=[1.0, 1.5, 2.0], name="before", mode="lines")
    days.add_candlestick(x=[7, 9], open=[1, 2], high=[4, 5], low=[0, 1], close=[3, 4], name="day")
    days.update_layout(xaxis_rangeslider_visible=False)
    live_chart(days, key="days", alt="Prices by day", height=200, filename="days")
    live_chart(
        maps,
        key="maps",
        alt="Four heat maps",
        height=360,
        filename="maps",
        time=TimeScrub(steps=count, axes=("x", "x2", "x3", "x4"), first=1, bar=False),
    )


def paths_page() -> None:
    count = length()
    t = np.linspace(0, 9, count)
    x, y, z = (np.cos(t) * t, np.sin(t) * t, t)
    flat = go.Figure(layout={"template": None})
    flat.add_scatter(x=x, y=y, mode="lines", line={"color": "#0072b2"}, opacity=0.35, name="path")
    flat.update_layout(xaxis_title="PC 1", yaxis_title="PC 2")
    solid = go.Figure(layout={"template": None})
    solid.add_scatter3d(x=x, y=y, z=z, mode="lines", line={"color": "#0072b2"}, opacity=0.35, name="path")
    time_of = TimeScrub(steps=count, axes=(), trails=(Trail(trace=0),), first=1)
    left, right = st.columns(2)
    with left:
        live_chart(flat, key="flat", alt="A path", height=380, filename="path", time=time_of)
    with right:
        live_chart(solid, key="solid", alt="A path", height=380, filename="path3", time=time_of)


def sliders_page() -> None:
    def preset() -> None:
        state["chosen"] = 3.5
        state["version"] += 1

    state.setdefault("chosen", 1.0)
    state["chosen"] = live_slider(
        "Weight scale", key="scale", value=state["chosen"], minimum=0.0, maximum=4.0, step=0.05,
        format="%.2f ×", marks={0: "0", 1: "1", 2: "2", 3: "3", 4: "4"}, version=state["version"],
        help="Multiplies the recurrent matrix after initialisation.",
    )  # fmt: skip
    late = live_slider(
        "Loss at step", key="late", value=None, minimum=1, maximum=int(state["steps"]), step=1,
        unset_label="last step", unset_at="max", version=state["version"],
    )  # fmt: skip
    live_slider(
        "Forget bias", key="off", value=None, minimum=-3.0, maximum=6.0, step=0.1,
        unset_label="as initialised", disabled=True, disabled_note="The GRU has no forget gate.",
    )  # fmt: skip
    st.button("Preset", on_click=preset)
    st.write(f"scale is {state['chosen']!r}, late is {late!r}")


page = st.navigation(
    [
        st.Page(lines_page, title="Lines", default=True),
        st.Page(paths_page, title="Paths", url_path="paths"),
        st.Page(sliders_page, title="Sliders", url_path="sliders"),
    ],
    position="top",
)
seen = dict(st.query_params)
state.setdefault("log", []).append((page.url_path, seen))
page.run()
print("RUN", state["run"], repr(page.url_path), seen, flush=True)
tail(f"n={state['steps']}" + (f"&slow={seen['slow']}" if "slow" in seen else ""), state["run"])

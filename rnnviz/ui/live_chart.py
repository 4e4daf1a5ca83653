"""The live chart: a Plotly figure that is updated in place, with its time scrubbed in the browser.

``st.plotly_chart`` mounts a new chart at each change of the data: zoom lost, flicker. Here one node lives as
long as the page and ``Plotly.react`` draws into it. A whole run is sent once; moving through its steps sends
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from rnnviz.ui import assets

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.components.v2.types import ComponentRenderer

BAR = 48
"""Height in pixels of the time bar under a chart."""


@dataclass(frozen=True, slots=True)
class Trail:
    """A path through state space on which the current step is marked.

    ``trace`` is the index of the path in the figure's data, ``start`` the point of that trace at which step 0
    lies, ``window`` the number of steps that glow behind the head. ``head`` is the radius of that in the plane, in
    pixels.
    """

    trace: int
    start: int = 0
    window: int = 12
    head: int | float = 6


@dataclass(frozen=True, slots=True)
class TimeScrub:
    """How a chart follows the page's time.

    ``steps`` is T. ``axes`` are the x axes that count steps ("x", "x2", ...): a cursor is drawn over every
    subplot on them. A step's place on an axis is that of a line there with T points, else ``first + step``.
    ``labels`` names the steps (letters of a text, dates). ``trails`` are the paths with a moving head. With
    ``bar=False`` the chart follows without a time bar of its own.
    """

    steps: int
    axes: tuple[str, ...] = ("x",)
    labels: list[str] | tuple[str, ...] | None = None
    trails: tuple[Trail, ...] = ()
    first: int | float = 0
    bar: bool = True

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(
                f"expected steps >= 1, got {self.steps}, do leave `time` out where there are none"
            )
        if self.labels is not None and len(self.labels) != self.steps:
            raise ValueError(
                f"expected {self.steps} labels, one a step, got {len(self.labels)}, do pass as many"
            )


class Pick(NamedTuple):
    """A mark that was clicked: the index of its trace in the figure's data, its place, and z on a heat map."""

    trace: int
    x: float
    y: float
    z: float | None


@cache
def _component() -> ComponentRenderer:
    # The height travels in bytes 4..7 of the message: the shim reserves it before anything is loaded.
    reserve = "new DataView(c.data.buffer, c.data.byteOffset, 8).getUint32(4, true)"
    return st.components.v2.component(
        "rnnviz_live_chart", js=assets.shim("live_chart.js", reserve), isolate_styles=False
    )


def live_chart(
    fig: go.Figure | Mapping[str, Any],
    *,
    key: str,
    alt: str,
    height: int,
    filename: str,
    time: TimeScrub | None = None,
    present: bool = False,
    on_pick: Callable[[Pick], None] | None = None,
) -> None:
    """Draw a figure, or update the one that stands at this key.

    The figure carries no template; the browser applies one by the theme's background, the larger variant with
    ``present``. ``alt`` describes the picture to those who do not see it. ``height`` is that of the chart in
    pixels, without the time bar. ``filename`` names the downloads, without suffix. Zoom, legend and camera
    are kept over updates while ``layout.uirevision`` stays the same (default: the key). ``on_pick`` is called
    before the next run with the mark that was clicked or tapped, if its place is a pair of finite numbers; what
    the browser sent is otherwise not checked, so the place may be none of the figure's.

    The browser fires ``rnnviz:painted`` with ``{key, run}`` after each drawing, ``run`` counting this chart's
    drawings from 1. Raises ``ValueError`` for an empty ``alt``.
    """
    if not alt.strip():
        raise ValueError("expected a description of the picture, got an empty alt, do say what it shows")
    head = {
        "key": key,
        "alt": alt,
        "height": height,
        "file": filename,
        "present": present,
        "pick": on_pick is not None,
        "time": None if time is None else asdict(time),
        "plotly": assets.plotly_url(),
        "templates": assets.templates_url(),
    }
    # Imported here: it loads numpy, which the first page's controls need not wait for.
    from rnnviz.ui import wire

    reserve = height + (BAR if time is not None and time.bar else 0)
    packed = wire.pack(fig, head, reserve)
    if on_pick is None:
        _component()(key=key, data=packed)
    else:
        _component()(key=key, data=packed, on_pick_change=lambda: _picked(key, on_pick))


def read_pick(component: Any) -> Pick | None:
    """What the browser has sent, or None where it makes no sense."""
    sent = component.get("pick") if isinstance(component, Mapping) else None
    if not isinstance(sent, Mapping):
        return None
    trace, x, y, z = (_number(sent.get(name)) for name in ("trace", "x", "y", "z"))
    if trace is None or x is None or y is None:
        return None
    return Pick(int(trace), x, y, z)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _picked(key: str, on_pick: Callable[[Pick], None]) -> None:
    pick = read_pick(st.session_state.get(key))
    if pick is not None:
        on_pick(pick)

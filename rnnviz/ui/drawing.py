"""A picture in SVG on the page: it follows the theme, and the boxes of a time step light up when it is their turn."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import assets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


@cache
def _component() -> ComponentRenderer:
    # st.html takes SVG out of what it is given.
    return st.components.v2.component(
        "rnnviz_drawing",
        js=assets.shim("drawing.js", "c.data.height + (c.data.bar ? 48 : 0)"),
        isolate_styles=False,
    )


def drawing(svg: str, *, key: str, height: int, steps: int = 0, first: int = 1, bar: bool = False) -> None:
    """Draw the app's own SVG, ``height`` pixels high at most and as wide as there is room.

    At step k (from 0) of the page's time, of ``steps``, the elements with ``data-t`` equal to ``first + k`` light up;
    with 0 steps none does. ``bar`` puts the bar that moves the time under the picture.
    """
    data = {"svg": svg, "height": height, "steps": steps, "first": first, "bar": bar}
    _component()(key=key, data=data)

"""The tail: the last element of every page. It writes the address bar and says that a run is through."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import assets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

KEY = "rnnviz_tail"

# Out of the flow of the page, so that the page's gap between elements is not left for it.
_CSS = f"""
.st-key-{KEY} {{ position: absolute !important; width: 0; height: 0; overflow: hidden; }}
"""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "rnnviz_tail", css=_CSS, js=assets.shim("tail.js"), isolate_styles=False
    )


def tail(query: str, run: int) -> None:
    """Write ``query`` (without "?") into the address bar and fire ``rnnviz:settled`` with ``{run}``.

    The address is replaced, not pushed: a drag does not flood the history. ``run`` must differ from run to
    run, else the browser does not look at the message.
    """
    _component()(key=KEY, data={"query": query, "run": run})

"""What can be taken away from a run as a file: its numbers, and its weights with the script that reads them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from rnnviz.ui import charts, opened
from rnnviz.ui import session as sessions
from rnnviz.ui.opened_kind import File

PAGES = ("gates", "cell", "states", "gradients")
"""Pages that open a trained network."""


def open_in(id: str, cell: str, words: str, key: str) -> None:
    """Links to the pages that open the trained network of a run, after ``words``."""
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        st.html(f"<p class='rv-note'>{words}</p>", width="content")
        for page in PAGES:
            st.page_link(
                charts.PAGES / f"{page}.py",
                label=page.capitalize(),
                icon=":material/arrow_forward:",
                query_params=opened.link(sessions.current(), id, cell),
            )


def as_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as CSV, a column for each name that occurs; empty where a row has none."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def numbers(make: Callable[[], str], name: str, key: str) -> None:
    """A button that downloads numbers as CSV, made when it is pressed."""
    st.download_button(
        "Numbers as CSV",
        make,
        file_name=name,
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


def weights_and_code(find: Callable[[], File], key: str, label: str = "Weights and code") -> None:
    """The weights as a file, and the script that prints the numbers of the page from it; made when it is opened."""
    with st.popover(label, icon=":material/code:", on_change="rerun", key=f"{key}_open") as popover:
        if not popover.open:
            return
        file = find()
        st.caption(file.caption)
        st.download_button(
            "Weights (.safetensors)",
            file.weights,
            file_name=file.name,
            mime="application/octet-stream",
            key=f"{key}_file",
            icon=":material/download:",
            on_click="ignore",
        )
        st.code(file.script(), language="python", height=380)

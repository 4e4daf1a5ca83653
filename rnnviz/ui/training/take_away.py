"""What can be taken away from a run: its networks to other pages, its numbers, and the code."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import streamlit as st

from rnnviz.training.epoch import Epoch
from rnnviz.ui import charts, engine
from rnnviz.ui.training.shown import Shown
from rnnviz.ui.view import View

PAGES = ("gates", "states", "gradients")
"""Pages that open a trained network."""

_PLAIN = (
    "cell", "number", "step", "loss", "test_loss", "accuracy", "test_accuracy",
    "norm", "norm_max", "clipped", "rate", "radius", "diverged",
)  # fmt: skip


def draw(shown: Shown, view: View) -> None:
    """Links to the pages that open the trained networks, and the download."""
    if shown.newest > 0 and _saved(shown):
        cell = shown.race.cells[0]
        with st.container(horizontal=True, vertical_alignment="center", key="open_trained"):
            st.html("<p class='rv-note'>Open the trained networks in</p>", width="content")
            for page in PAGES:
                st.page_link(
                    charts.PAGES / f"{page}.py",
                    label=page.capitalize(),
                    icon=":material/arrow_forward:",
                    query_params={"model": shown.run.id, "cell": cell}
                    | ({"present": "1"} if view.present else {}),
                )
    if shown.newest >= 0:
        st.download_button(
            "Numbers as CSV",
            lambda: table([epoch for epochs in shown.epochs.values() for epoch in epochs]),
            file_name=f"rnnviz-training-{shown.race.task}.csv",
            mime="text/csv",
            key="train_csv",
            icon=":material/download:",
            on_click="ignore",
        )


def table(epochs: Sequence[Epoch]) -> str:
    """All that is measured of these epochs as CSV: a row an epoch, a column a number; empty where there is none."""
    rows = [_row(one) for one in epochs]
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _row(one: Epoch) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(one, name) for name in _PLAIN}
    for gate, (low, high) in one.saturation.items():
        row |= {f"saturated_low_{gate}": low, f"saturated_high_{gate}": high}
    row |= {f"norm_{name}": norm for name, norm in one.weights.items()}
    return row | {f"gradient_h_{t}": norm for t, norm in enumerate(one.profile, 1)}


def _saved(shown: Shown) -> bool:
    """Whether there are weights to open yet: they are saved now and then, and at each rest."""
    if shown.run.state == "done":
        return True
    return f"last:{shown.race.cells[0]}" in engine.runs().kept(shown.run.id)

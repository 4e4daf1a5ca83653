"""What can be taken away from a run: its networks to other pages, its numbers, and the code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch
from rnnviz.ui import engine, run_files
from rnnviz.ui.training.shown import Shown

_PLAIN = (
    "cell", "number", "step", "loss", "validation_loss", "test_loss", "accuracy", "test_accuracy",
    "norm", "norm_max", "clipped", "rate", "radius", "diverged",
)  # fmt: skip


def draw(shown: Shown) -> None:
    """Links to the pages that open the trained networks, the download, and the code."""
    if shown.newest > 0 and _saved(shown):
        words = "Open the trained networks in"
        run_files.open_in(shown.run.id, shown.race.cells[0], words, "open_trained")
    with st.container(horizontal=True, vertical_alignment="center", key="take_away"):
        if shown.newest >= 0:
            run_files.numbers(
                lambda: table([epoch for epochs in shown.epochs.values() for epoch in epochs]),
                f"rnnviz-training-{shown.race.task}.csv",
                "train_csv",
            )
        _as_pytorch(shown.race)


def _as_pytorch(race: Race) -> None:
    """The script that trains the same, for one cell at a time; written when it is opened."""
    with st.popover(
        "Copy as PyTorch", icon=":material/code:", on_change="rerun", key="train_code"
    ) as popover:
        if not popover.open:
            return
        from rnnviz.training import snippet

        cells = [cell for cell in race.cells if snippet.offered(race, cell)]
        if not cells:
            st.caption(
                "There is a script for the cells that PyTorch has, without layer norm and residual connections."
            )
            return
        name = cells[0]
        if len(cells) > 1:
            chosen = st.segmented_control(
                "Cell",
                cells,
                default=name,
                required=True,
                format_func=lambda cell: CELLS[cell].label,
                key="train_code_cell",
            )
            name = chosen if chosen in cells else name
        st.caption(
            "Runs on its own with PyTorch and prints the losses of this page: same weights, same batches."
        )
        if race.task == "text":
            st.download_button(
                f"The text, as {snippet.TEXT_FILE}",
                lambda: snippet.text_file(race),
                file_name=snippet.TEXT_FILE,
                mime="text/plain",
                key="train_text_file",
                icon=":material/download:",
                on_click="ignore",
            )
        st.code(_script(race, name), language="python", height=420)


@lru_cache(maxsize=16)
def _script(race: Race, cell: str) -> str:
    from rnnviz.training import snippet

    return snippet.script(race, cell)


def table(epochs: Sequence[Epoch]) -> str:
    """All that is measured of these epochs as CSV: a row an epoch, a column a number; empty where there is none."""
    return run_files.as_csv([_row(one) for one in epochs])


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

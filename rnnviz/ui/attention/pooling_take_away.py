"""What can be taken away from a training: its weights, its numbers, and the code."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rnnviz.attention.config import POOL_FIELD
from rnnviz.attention.epoch import PoolEpoch
from rnnviz.ui import run_files
from rnnviz.ui.attention import pooling_numbers as numbers
from rnnviz.ui.attention.pooling_numbers import AFTER, BEFORE
from rnnviz.ui.attention.shown import PoolShown
from rnnviz.ui.opened_kind import File, NotYetError


def draw(shown: PoolShown, example: int) -> None:
    """Links to the pages that open the layer under the attention, the numbers, the weights and the code."""
    if numbers.network(shown, AFTER) is not None:
        words = "Open the layer in"
        run_files.open_in(shown.run.id, shown.config.cell, words, "pool_open")
    with st.container(horizontal=True, vertical_alignment="center", key="pool_away"):
        if epochs := shown.epochs["model"]:
            run_files.numbers(
                lambda: run_files.as_csv(rows(epochs)),
                f"rnnviz-attention-{shown.config.task}.csv",
                "pool_csv",
            )
        run_files.weights_and_code(lambda: _file(shown, example), "pool_weights", "Copy as PyTorch")


def rows(epochs: Sequence[PoolEpoch]) -> list[dict[str, object]]:
    """All that is measured of these epochs: a row an epoch, a column a number, one for each weight on example 0."""
    found = []
    for one in epochs:
        row: dict[str, object] = one.to_row()
        row.pop("weights")
        found.append(row | {f"weight_{t}": value for t, value in enumerate(one.weights, 1)})
    return found


def _file(shown: PoolShown, example: int) -> File:
    """The network that is kept, or the one before training where there is no other yet."""
    return file_of(shown, AFTER if numbers.seen(shown, AFTER, example) is not None else BEFORE, example)


def file_of(shown: PoolShown, which: str, example: int) -> File:
    """A network to take away with a test sequence. Raises :class:`NotYetError`."""
    seen, tensors = numbers.seen(shown, which, example), numbers.network(shown, which)
    from rnnviz.attention import export, snippet

    config = shown.config
    name = f"rnnviz-attention-{config.task}-{config.cell}-{which}-training.safetensors"
    if seen is None or tensors is None:
        raise NotYetError(shown.run.id)
    return File(
        f"The {POOL_FIELD['cell'].label_of(config.cell)} with attention {which} training, with test sequence {example} "
        "and a script that prints its weights from the file beside it.",
        name,
        lambda: export.pool_file(seen, tensors),
        lambda: snippet.pool_script(config, name),
    )

"""What can be taken away from encoders and decoders: their numbers, and the network that is looked at with its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.attention.config import PairConfig
from rnnviz.attention.epoch import PairEpoch
from rnnviz.ui import run_files
from rnnviz.ui.attention.pairs_numbers import Network
from rnnviz.ui.attention.shown import PairShown

if TYPE_CHECKING:
    from rnnviz.attention.observed import PairSeen

_PLAIN = (
    "number", "step", "loss", "validation_loss", "test_loss", "symbols", "exact", "entropy", "aligned", "norm",
    "diverged",
)  # fmt: skip


def draw(shown: PairShown, one: Network, seen: PairSeen) -> None:
    """The downloads and the code."""
    with st.container(horizontal=True, vertical_alignment="center", key="pair_take_away"):
        if shown.newest >= 0:
            name = f"rnnviz-attention-{shown.config.task}.csv"
            run_files.numbers(lambda: table(shown.epochs), name, "pair_csv")
        _as_pytorch(one, seen)


def _as_pytorch(one: Network, seen: PairSeen) -> None:
    """A script that does what is on the page, and the weights that it reads; written when it is opened."""
    with st.popover("Copy as PyTorch", icon=":material/code:", on_change="rerun", key="pair_code") as popover:
        if not popover.open:
            return
        from rnnviz.attention import export

        st.caption(
            "Runs on its own with PyTorch and safetensors, and prints the answer and the weights of this page: the "
            "network as it is now, with the source that it reads."
        )
        st.download_button(
            f"The network and the source, as {export.FILE}",
            lambda: export.pair_file(seen, one.tensors),
            file_name=export.FILE,
            mime="application/octet-stream",
            key="pair_file",
            icon=":material/download:",
            on_click="ignore",
        )
        st.code(_script(one.config, one.context), language="python", height=420)


@lru_cache(maxsize=16)
def _script(config: PairConfig, context: str) -> str:
    from rnnviz.attention import snippet

    return snippet.pair_script(config, context)


def table(epochs: Mapping[str, Sequence[PairEpoch]]) -> str:
    """All that is measured as CSV: a row an epoch of a context, a column a number; empty where there is none."""
    return run_files.as_csv([_row(context, one) for context, found in epochs.items() for one in found])


def _row(context: str, one: PairEpoch) -> dict[str, object]:
    row: dict[str, object] = {"context": context} | {name: getattr(one, name) for name in _PLAIN}
    by, share = one.shifted if one.shifted is not None else (None, None)
    row |= {"shifted_by": by, "shifted": share}
    return row | {f"exact_length_{length}": exact for length, exact in one.by_length}

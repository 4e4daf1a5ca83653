"""What can be taken away: the code, and all numbers that are drawn."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.architectures.config import Shape

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.architectures.seen import Seen


def draw(shape: Shape, seen: Seen, *, trained: bool) -> None:
    """The download and the code, side by side."""
    with st.container(horizontal=True, vertical_alignment="center", key="architecture_take_away"):
        st.download_button(
            "Numbers as CSV",
            lambda: table(seen),
            file_name=f"rnnviz-{shape.kind}{'' if trained else '-untrained'}.csv",
            mime="text/csv",
            key="architecture_csv",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.popover(
            "Copy as PyTorch", icon=":material/code:", on_change="rerun", key="architecture_code"
        ) as popover:
            if popover.open:
                st.caption(
                    "Runs on its own with PyTorch: the same weights, shapes and numbers as here before training. Then "
                    "it learns."
                )
                st.code(_script(shape), language="python", height=420)


@lru_cache(maxsize=32)
def _script(shape: Shape) -> str:
    from rnnviz.architectures.snippet import code

    return code(shape)


def table(seen: Seen) -> str:
    """All numbers as CSV, one a row: what it is, of which clock, at which step, its place among its like, and itself.

    Steps and places count from 1 and from 0, as on the page and as in the tensors.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["quantity", "of", "step", "index", "value"])
    writer.writerows(_rows(seen))
    return out.getvalue()


def _rows(seen: Seen) -> Iterator[tuple[str, str, str, int, float]]:
    yield from _entries("x", "", [str(t) for t in range(1, len(seen.x) + 1)], seen.x)
    said = [str(t) for t in seen.answered]
    if seen.contexts:
        for one in seen.contexts:
            yield from _entries("answer", one.name, said, one.answer)
            yield from _entries("context", one.name, [""], one.context[None])
    else:
        yield from _entries("answer", "", said, seen.answer)
    yield from _entries("truth", "", said, seen.truth)
    for strip in seen.strips:
        yield from _entries("h", strip.name, strip.t, strip.h)
        if strip.dh is not None:
            yield from _entries("norm of dL/dh", strip.name, strip.t, strip.dh[:, None])
    if seen.weights is not None:
        yield from _entries("weight", "", said, seen.weights)


def _entries(
    quantity: str, of: str, steps: list[str] | tuple[str, ...], values: Tensor
) -> Iterator[tuple[str, str, str, int, float]]:
    for step, row in zip(steps, values.tolist(), strict=True):
        for index, value in enumerate(row):
            yield quantity, of, step, index, value

"""Where the panels of a cell's weights stand, and what stands at their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.figures import base
from rnnviz.figures.cell_weights_parts import Part, letter_of
from rnnviz.registry import Cell

_GAP, _NEAR = 0.03, 0.006
"""Between the matrices, and between a matrix and its vectors, as shares of the picture."""

_TICK, _TICK_PRESENT = 26, 42
"""Pixels that a number under a column takes, and the larger one of projector mode."""

_VECTOR = 0.045
"""The width of a vector as a share of the picture."""


def vectors_of(found: list[Part]) -> dict[str, list[str]]:
    """The letters of the vectors beside each matrix; the readout's bias goes under one of them, or by itself."""
    result: dict[str, dict[str, None]] = {}
    for part in found:
        if part.column.endswith("beside"):
            letters = result.setdefault(part.column, {})
            if part.name != "bias" or part.column == "weight beside":
                letters[letter_of(part.name)] = None
    return {place: list(letters) for place, letters in result.items()}


def columns_of(found: list[Part], vectors: Mapping[str, list[str]], D: int, H: int) -> dict[str, list[float]]:
    """Where each column of panels stands, from the left."""
    order = ("weight_ih", "weight_ih beside", "weight_hh", "weight_hh beside", "weight", "weight beside")
    present = [place for place in order if any(part.column == place for part in found)]
    matrices = [place for place in present if place not in vectors]
    fixed = _VECTOR * sum(len(letters) for letters in vectors.values())
    free = 1 - fixed - _NEAR * len(vectors) - _GAP * (len(matrices) - 1)
    first = min(max(D / (D + H), 0.14), 0.6) if len(matrices) > 1 else 1.0
    result: dict[str, list[float]] = {}
    left = 0.0
    for place in present:
        if place in vectors:
            left += _NEAR
            width = _VECTOR * len(vectors[place])
        else:
            left += _GAP if result else 0.0
            width = free * (first if place == "weight_ih" else (1 - first) / (len(matrices) - 1))
        result[place] = [left, min(left + width, 1.0)]
        left += width
    return result


def rows_of(found: list[Part], cell: Cell, H: int) -> dict[str, list[float]]:
    """Where each row of panels stands, from the top: the blocks, then what lies under them."""
    present = [*cell.blocks, *dict.fromkeys(part.row for part in found if part.row not in cell.blocks)]
    whole = len(cell.blocks)
    sizes = {
        row: 1.0
        if row in cell.blocks
        else min(max(max(len(part.z) for part in found if part.row == row) / H, 0.09 * whole), 0.3 * whole)
        for row in present
    }
    if "V" in sizes:  # its title stands between it and what is above
        sizes = {
            **{row: size for row, size in sizes.items() if row != "V"},
            "": 0.03 * whole,
            "V": sizes["V"],
        }
    places = dict(zip(sizes, base.rows(list(sizes.values()), 0.022), strict=True))
    return {row: place for row, place in places.items() if row}


def ticks(
    place: str,
    vectors: Mapping[str, list[str]],
    channels: Sequence[str],
    D: int,
    H: int,
    width: float,
    *,
    present: bool = False,
) -> dict[str, Any]:
    """The axis of the columns of a panel that is so many pixels wide."""
    if place.endswith("beside"):
        letters = vectors[place]
        return {
            "range": [-0.5, len(letters) - 0.5],
            "tickvals": list(range(len(letters))),
            "ticktext": letters,
            "tickangle": 0,
        }
    count = D if place == "weight_ih" else H
    step = base.step_for(count, max(2, round(width / (_TICK_PRESENT if present else _TICK))))
    axis: dict[str, Any] = {
        "range": [-0.5, count - 0.5],
        "tickvals": list(range(0, count, step)),
        "tickangle": 0,
    }
    if place == "weight_ih":
        return {
            **axis,
            "ticktext": [_in_lines(channels[k]) for k in range(0, count, step)],
            "title": {"text": "from input x"},
        }
    return {**axis, "title": {"text": "from unit of h"}}


def _in_lines(label: str) -> str:
    """A name of an input, a word a line where it is long."""
    return (
        "<br>".join(base.visible(word) for word in label.split(" "))
        if len(label) > 6
        else base.visible(label)
    )


def unit_ticks(found: list[Part], row: str, outputs: Sequence[str] | None) -> dict[str, Any]:
    """The axis of the rows of a panel: units, what the readout answers, or the letter of a vector on its side."""
    count = max(len(part.z) for part in found if part.row == row)
    axis = base.unit_axis(count)
    axis["tickvals"] = list(
        range(0, count, base.step_for(count, 3))
    )  # fewer: those of the next block are near
    if row == "V" and outputs is not None:
        axis["ticktext"] = [base.visible(outputs[k]) for k in axis["tickvals"]]
    elif row.endswith("_c"):
        axis["ticktext"] = [f"{letter_of(row)} "]
    return axis

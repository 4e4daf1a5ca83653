"""The weights of a cell as heat maps: U, W and V, block by block, with their biases beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.figures import base
from rnnviz.figures.cell_weights_parts import Part, hover, letter_of, parts, reaches
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.registry import Cell

MATRICES = {"weight_ih": "U", "weight_hh": "W", "weight": "V"}
"""The letter that tutorials have for each matrix; "weight" is that of the readout."""

WRITTEN = 32
"""Rows of all blocks up to which numbers stand in the cells."""

ROOMY = 18
"""Rows of all blocks up to which these numbers are larger."""

SPACED = 40
"""Rows and columns up to which cells stand apart."""

_GAP, _NEAR = 0.03, 0.006
"""Between the matrices, and between a matrix and its vectors, as shares of the picture."""

_WIDE = 2.8
"""The width of such a number, in heights of its letters."""

_TICK = 26
"""Pixels that a number under a column takes."""

_VECTOR = 0.045
"""The width of a vector as a share of the picture."""


@Drawing
def weights(
    params: Mapping[str, base.Numbers],
    cell: Cell,
    *,
    channels: Sequence[str],
    readout: Mapping[str, base.Numbers] | None = None,
    outputs: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
    least: tuple[float, float] = (0.0, 0.0),
    room: int | float = 820,
    present: bool = False,
) -> Spec:
    """Every parameter of a cell: a row of panels for each block of the gates, a column for each matrix.

    ``params`` are those of the registry; ``names`` what PyTorch calls them. ``channels`` name the inputs. ``readout``
    is V and its bias ("weight" (O, H), "bias" (O,)), ``outputs`` what its rows answer. Matrices are on one symmetric
    scale, vectors on another, each rounded up to 1, 2 or 5; ``least`` are how far these go at least.
    Numbers stand in the cells where they fit, larger ones with ``present``; ``room`` is about the width in pixels that
    the panels have.
    """
    found = parts(params, cell, readout)
    scales = tuple(max(one, other) for one, other in zip(reaches(found), least, strict=True))
    called = dict(names or {})
    H, D = len(found[0].z), found[0].z.shape[1]
    vectors = _vectors(found)
    columns, rows = _columns(found, vectors, D, H), _rows(found, cell, H)
    across, down = list(columns), list(rows)
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    barred: set[bool] = set()
    for part in found:
        bound, letters = scales[part.vector], vectors.get(part.column)
        place = {
            "x0": letters.index(letter_of(part.name)) if letters and part.name != "bias" else 0,
            "y0": 0,
            "xaxis": base.ref("x", across.index(part.column)),
            "yaxis": base.ref("y", down.index(part.row)),
        }
        left, right = columns[part.column]
        each = room * (right - left) / (len(letters) if letters else part.z.shape[1])
        panel = _panel(part, bound, H * len(cell.blocks), each, present=present)
        title = called.get(part.name, part.name)
        words = {"name": f"{title} {part.row}".strip(), "hovertemplate": hover(part, called, cell)}
        bar = (
            {} if part.vector in barred else {"showscale": True, "colorbar": _bar(part.vector, found, bound)}
        )
        barred.add(part.vector)
        data.append({**panel, **words, **place, **bar})
    for k, (column, domain) in enumerate(columns.items()):
        layout[base.key("x", k)] = {
            "domain": domain,
            "anchor": base.ref("y", max(down.index(part.row) for part in found if part.column == column)),
            "showgrid": False,
            "zeroline": False,
            **_ticks(column, vectors, channels, D, H, room * (domain[1] - domain[0])),
        }
    if readout is not None and vectors.get("weight_hh beside") == ["b<sub>hh</sub>"]:
        # The readout's own bias stands under that of W.
        layout[base.key("x", across.index("weight_hh beside"))]["ticktext"] = ["b<sub>hh</sub>, b"]
    for k, (row, domain) in enumerate(rows.items()):
        layout[base.key("y", k)] = {
            "domain": domain,
            "anchor": base.ref("x", min(across.index(part.column) for part in found if part.row == row)),
            **_unit_ticks(found, row, outputs),
        }
    layout["annotations"] = base.present(
        [
            *_titles(across, called, params, readout, rows),
            *(_letter(row, rows[row], cell) for row in cell.blocks),
            base.not_finite(*(part.z for part in found)),
        ]
    )
    layout["margin"] = {"l": 62, "t": 50}
    return base.spec(f"weights-{cell.name}", data, layout)


def _panel(part: Part, bound: float, rows: int, width: float, *, present: bool) -> dict[str, Any]:
    """One heat map among panels of ``rows`` rows in all, its cells ``width`` pixels wide; numbers where they fit."""
    own, columns = part.z.shape
    size = 10 if rows > ROOMY else 14 if present else 12
    panel = {
        "type": "heatmap",
        "z": part.z,
        "customdata": part.z,  # exact: what is drawn may travel rounded
        "zmin": -bound,
        "zmax": bound,
        "autocolorscale": True,
        "showscale": False,
    }
    if max(rows, columns) <= SPACED:
        panel |= {"xgap": 1, "ygap": 1}
    if max(rows, own) <= (ROOMY if present else WRITTEN) and width >= _WIDE * size:
        panel |= {"texttemplate": "%{z:.2f}", "textfont": {"size": size}}
    return panel


def _vectors(found: list[Part]) -> dict[str, list[str]]:
    """The letters of the vectors beside each matrix; the readout's bias goes under one of them, or by itself."""
    result: dict[str, dict[str, None]] = {}
    for part in found:
        if part.column.endswith("beside"):
            letters = result.setdefault(part.column, {})
            if part.name != "bias" or part.column == "weight beside":
                letters[letter_of(part.name)] = None
    return {place: list(letters) for place, letters in result.items()}


def _columns(found: list[Part], vectors: Mapping[str, list[str]], D: int, H: int) -> dict[str, list[float]]:
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


def _rows(found: list[Part], cell: Cell, H: int) -> dict[str, list[float]]:
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


def _ticks(
    place: str, vectors: Mapping[str, list[str]], channels: Sequence[str], D: int, H: int, width: float
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
    step = base.step_for(count, max(2, round(width / _TICK)))
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


def _unit_ticks(found: list[Part], row: str, outputs: Sequence[str] | None) -> dict[str, Any]:
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


def _letter(row: str, domain: list[float], cell: Cell) -> dict[str, Any]:
    """The letter of a block, at the left of its row."""
    meaning = next((gate.meaning for gate in cell.gates if gate.name == row), "")
    words = {
        "text": f"<b>{row}</b>",
        "showarrow": False,
        "x": 0,
        "xref": "paper",
        "xshift": -34,
        "xanchor": "right",
        "y": sum(domain) / 2,
        "yref": "paper",
        "yanchor": "middle",
    }
    return {**words, "hovertext": meaning} if meaning else words


def _titles(
    across: list[str],
    called: Mapping[str, str],
    params: Mapping[str, base.Numbers],
    readout: Mapping[str, base.Numbers] | None,
    rows: Mapping[str, list[float]],
) -> list[dict[str, Any]]:
    """Over each matrix its letter, its shape and its name in PyTorch; that of V is one line where it is under W."""
    shapes = {name: np.shape(base.array(values)) for name, values in params.items()}
    if readout is not None:
        shapes["weight"] = np.shape(base.array(readout["weight"]))
    result: list[dict[str, Any]] = []
    for name, letter in MATRICES.items():
        if name not in shapes:
            continue
        title = called.get(name, name).removeprefix("rnn.")
        words = {"y": 1, "yref": "paper", "yshift": 4, "align": "left"}
        if name in across:
            text = f"<b>{letter}</b> {shapes[name]}<br>{title}"
            result.append({**base.title(text, across.index(name)), **words})
        else:
            text = f"<b>{letter}</b> {shapes[name]} {title}"
            result.append(
                {**base.title(text, across.index("weight_hh")), **words, "y": rows["V"][1], "yshift": 1}
            )
    return result


def _bar(vector: bool, found: list[Part], bound: float) -> dict[str, Any]:
    """The colour bar of one of the two scales."""
    letters = {
        letter_of(part.name)[0] if vector else MATRICES[part.name] for part in found if part.vector is vector
    }
    place = base.rows([1.0, 1.0], 0.16)[int(vector)]
    return {
        "x": 1.01,
        "xanchor": "left",
        "y": place[0],
        "yanchor": "bottom",
        "lenmode": "fraction",
        "len": place[1] - place[0],
        "title": {"text": " ".join(sorted(letters)), "side": "top"},
        "tickvals": [-bound, 0, bound],
        "tickformat": ".3~g",
    }

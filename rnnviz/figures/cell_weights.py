"""The weights of a cell as heat maps: U, W and V, block by block, with their biases beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.figures import base
from rnnviz.figures import cell_weights_axes as axes
from rnnviz.figures import cell_weights_marks as marks
from rnnviz.figures.cell_weights_parts import Part, hover, letter_of, parts, reaches
from rnnviz.figures.drawing import Drawing, Spec
from rnnviz.registry import Cell

WRITTEN = 32
"""Rows of all blocks up to which numbers stand in the cells."""

ROOMY = 18
"""Rows of all blocks up to which these numbers are larger."""

SPACED = 40
"""Rows and columns up to which cells stand apart."""

_WIDE = 2.8
"""The width of such a number, in heights of its letters."""


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
    vectors = axes.vectors_of(found)
    columns, rows = axes.columns_of(found, vectors, D, H), axes.rows_of(found, cell, H)
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
            {}
            if part.vector in barred
            else {"showscale": True, "colorbar": marks.bar(part.vector, found, bound)}
        )
        barred.add(part.vector)
        data.append({**panel, **words, **place, **bar})
    for k, (column, domain) in enumerate(columns.items()):
        layout[base.key("x", k)] = {
            "domain": domain,
            "anchor": base.ref("y", max(down.index(part.row) for part in found if part.column == column)),
            "showgrid": False,
            "zeroline": False,
            **axes.ticks(column, vectors, channels, D, H, room * (domain[1] - domain[0]), present=present),
        }
    if readout is not None and vectors.get("weight_hh beside") == ["b<sub>hh</sub>"]:
        # The readout's own bias stands under that of W.
        layout[base.key("x", across.index("weight_hh beside"))]["ticktext"] = ["b<sub>hh</sub>, b"]
    for k, (row, domain) in enumerate(rows.items()):
        layout[base.key("y", k)] = {
            "domain": domain,
            "anchor": base.ref("x", min(across.index(part.column) for part in found if part.row == row)),
            **axes.unit_ticks(found, row, outputs),
        }
    layout["annotations"] = base.present(
        [
            *marks.titles(across, called, params, readout, rows),
            *(marks.block_letter(row, rows[row], cell) for row in cell.blocks),
            base.not_finite(*(part.z for part in found)),
        ]
    )
    layout["margin"] = {"l": 62, "t": 64 if present else 50}
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

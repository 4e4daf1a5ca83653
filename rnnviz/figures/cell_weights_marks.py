"""What stands around the heat maps of a cell's weights: letters, titles and colour bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.figures import base, colour_bar
from rnnviz.figures.cell_weights_parts import Part, letter_of
from rnnviz.registry import Cell

MATRICES = {"weight_ih": "U", "weight_hh": "W", "weight": "V"}
"""The letter that tutorials have for each matrix; "weight" is that of the readout."""


def block_letter(row: str, domain: list[float], cell: Cell) -> dict[str, Any]:
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


def titles(
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


def bar(vector: bool, found: list[Part], bound: float) -> dict[str, Any]:
    """The colour bar of one of the two scales."""
    letters = {
        letter_of(part.name)[0] if vector else MATRICES[part.name] for part in found if part.vector is vector
    }
    place = base.rows([1.0, 1.0], 0.16)[int(vector)]
    # The tails of γ and p would hang into the number under the last letter: b stands there.
    return colour_bar.beside(place, sorted(letters, reverse=vector), -bound, bound)

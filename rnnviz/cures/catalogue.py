"""The cures that are known: their names, what the app sets to have them, their sources, and where they apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnviz.registry import Cell


@dataclass(frozen=True)
class Cure:
    """A cure: its name and label, what the app can set to have it (fields of the experiment), and its source."""

    name: str
    label: str
    source: str
    change: Mapping[str, Any] = field(default_factory=dict)


CURES: tuple[Cure, ...] = (
    Cure("clip", "Gradient clipping", "Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1"),
    Cure("forget1", "Forget bias 1", "Jozefowicz, Zaremba & Sutskever 2015, PMLR 37:2342", {"forget": 1.0}),
    Cure(
        "forget3",
        "Forget bias 3",
        "positive biases: Gers, Schmidhuber & Cummins 2000, doi:10.1162/089976600300015015",
        {"forget": 3.0},
    ),
    Cure("chrono", "Chrono initialisation", "Tallec & Ollivier 2018, arXiv:1804.11188"),
    Cure(
        "orthogonal",
        "Orthogonal W_hh",
        "Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
        {"init": "orthogonal"},
    ),
    Cure("identity", "Identity W_hh", "Le, Jaitly & Hinton 2015, arXiv:1504.00941", {"init": "identity"}),
    Cure("layernorm", "Layer norm", "Ba, Kiros & Hinton 2016, arXiv:1607.06450"),
    Cure(
        "residual",
        "Residual over time",
        "He et al. 2016, arXiv:1512.03385, in depth; in time, with a step size, Chang et al. 2019, arXiv:1902.09689",
    ),
)
"""Every cure, in the order of the pictures."""


def why_not(cell: Cell, cure: str) -> str:
    """Why a cure does not apply to a cell, or nothing."""
    gated = cell.forget is not None or "z" in cell.blocks
    match cure:
        case "forget1" | "forget3" if cell.forget is None:
            return "there is no forget gate"
        case "chrono" if not gated:
            return "there is no gate whose bias could be set"
        case "orthogonal" | "identity" if cell.recurrent is None:
            return "there is no matrix W_hh"
        case "layernorm" if cell.recurrent is None:
            return "no pre-activation sees h"
        case "layernorm" if cell.name == "lstm_layernorm":
            return "the cell has it already"
        case "layernorm" if cell.name == "rnn_linear":
            return "the loss, a sum of normalised values, would never change"
    return ""

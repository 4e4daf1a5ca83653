"""ForecastConfig: all that was chosen for a forecast, frozen and seeded. Imports neither torch nor pandas.

The table :data:`FIELDS` declares every setting once; widgets, links and validation read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rnnviz.chosen import Chosen
from rnnviz.fields import Field

NETWORKS: tuple[tuple[str, str], ...] = (
    ("rnn", "RNN"),
    ("lstm", "LSTM"),
    ("gru", "GRU"),
    ("bilstm", "BiLSTM"),
    ("attention", "LSTM with attention"),
)

MODES: tuple[tuple[str, str], ...] = (
    ("returns", "Returns"),
    ("levels", "Levels, as the tutorials do it"),
)

LEAKS: tuple[tuple[str, str], ...] = (
    ("scaler", "Scaler fitted to all rows"),
    ("shuffle", "Random split"),
    ("onestep", "One step shown as many"),
    ("window", "Last window dropped"),
    ("peek", "Epochs chosen on the test part"),
)
"""The traps of the leak lab."""

FIELDS: tuple[Field, ...] = (
    Field(
        "network", "net", "Network", "What reads the window of past days.", "choice", "lstm", choices=NETWORKS
    ),
    Field("layers", "layers", "Layers", "Recurrent layers, one on top of the other.", "int", 1, 1, 3, 1),
    Field("hidden", "cells", "Hidden size", "Units in each layer.", "int", 16, 1, 128, 1),
    Field("window", "window", "Window", "Rows of the past that each forecast reads.", "int", 30, 2, 120, 1),
    Field("horizon", "ahead", "Horizon", "Rows to forecast into the future.", "int", 20, 1, 60, 1),
    Field(
        "epochs",
        "epochs",
        "Epochs",
        "The most passes over the training part; training ends earlier when the validation error no longer falls.",
        "int",
        50,
        1,
        200,
        1,
    ),
    Field(
        "mode",
        "as",
        "What to model",
        "The change from row to row, or the price itself.",
        "choice",
        "returns",
        choices=MODES,
    ),
    Field(
        "rate", "speed", "Learning rate", "The size of an update (Adam).", "float", 0.003, 1e-5, 0.1, 0.001
    ),
    Field("batch", "lot", "Batch size", "Windows that each update learns from.", "int", 128, 8, 512, 1),
    Field(
        "patience",
        "patience",
        "Patience",
        "Epochs without a better validation error before training ends.",
        "int",
        3,
        1,
        200,
        1,
    ),
    Field(
        "clip",
        "most",
        "Clip at norm",
        "A longer gradient is shortened to this norm; its direction stays.",
        "optional_float",
        1.0,
        0.01,
        100,
        0.1,
        unset_label="off",
    ),
    Field(
        "level",
        "level",
        "Interval",
        "The share of true prices that the interval is to hold.",
        "float",
        0.9,
        0.5,
        0.99,
        0.01,
    ),
    Field(
        "seed",
        "dice",
        "Seed",
        "Decides the first weights and the order of the batches.",
        "int",
        0,
        0,
        9999,
        1,
    ),
)
"""Every setting, in the order of the link."""

FIELD: dict[str, Field] = {field.name: field for field in FIELDS}
"""The same by name."""


@dataclass(frozen=True, slots=True)
class ForecastConfig(Chosen):
    """All that was chosen for a forecast. Raises ``ValueError`` for an illegal value.

    ``mode`` "returns" models the log return (the difference where a price is zero or negative), "levels" the price
    itself, scaled to [0, 1]. ``leaks`` are names out of :data:`LEAKS`: traps that are turned on in the leak lab; they
    stay out of the link. ``clip`` None leaves gradients as they are.
    """

    fields: ClassVar[tuple[Field, ...]] = FIELDS

    network: str = "lstm"
    layers: int = 1
    hidden: int = 16
    window: int = 30
    horizon: int = 20
    epochs: int = 50
    mode: str = "returns"
    rate: int | float = 0.003
    batch: int = 128
    patience: int = 3
    clip: int | float | None = 1.0
    level: int | float = 0.9
    seed: int = 0
    leaks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.check()
        known = [name for name, _ in LEAKS]
        if unknown := [name for name in self.leaks if name not in known]:
            raise ValueError(f"leaks must be among {', '.join(known)}; got {unknown[0]!r}")
        object.__setattr__(self, "leaks", tuple(name for name in known if name in self.leaks))


TUTORIAL = ForecastConfig(
    layers=2, hidden=64, epochs=100, mode="levels", rate=0.001, batch=64, patience=100, clip=None
)
"""The model of the tutorials: 2-layer LSTM, hidden 64, window 30, Adam 1e-3, MSE, min-max scaled price levels."""

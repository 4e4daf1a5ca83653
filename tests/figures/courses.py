"""Epochs as a training might write them, for the tests of its pictures."""

import math
from dataclasses import replace

from rnnviz.race import Race
from rnnviz.registry import CELLS
from rnnviz.statistics import state_kind
from rnnviz.training.epoch import Epoch
from rnnviz.training.view import TaskView

WHOLE = Race(steps=30, cells=("lstm", "gru", "rnn"))
"""Thirty epochs of a step."""


def course(race: Race, cell: str, last: int, **more: object) -> list[Epoch]:
    """The epochs 0 to ``last`` of a loss that falls by a half each."""
    kinds = {gate.name: gate.kind for gate in CELLS[cell].gates}
    kinds["h"] = state_kind(cell, residual=race.residual)
    letters = [letter for letter, kind in kinds.items() if kind != "linear"]
    square = cell.startswith("rnn")
    return [
        Epoch(
            **{
                "cell": cell,
                "number": number,
                "step": min(number * race.per_epoch, race.steps),
                "loss": 0.5 * 0.5**number + len(cell) / 100,
                "test_loss": 0.6 * 0.5**number + len(cell) / 100,
                "accuracy": 1 - 0.5**number,
                "test_accuracy": 0.9 - 0.5**number / 2,
                "norm": 3 * 0.9**number,
                "norm_max": 4 * 0.9**number,
                "clipped": min(1.0, 3 * 0.9**number),
                "rate": 0.01,
                "saturation": dict.fromkeys(letters, (number / 100, number / 50)),
                "profile": [10.0 ** (t - race.length) for t in range(1, race.length + 1)],
                "weights": {
                    "weight_ih": 2.0 + number,
                    "weight_hh": 5.0,
                    "head.weight": 0.5,
                    "head.bias": 0.1,
                },
                "radius": 0.9 + number / 100 if square else None,
                "answer": [[1 - 0.5**number]],
                "sure": None,
                "diverged": False,
                **more,
            }
        )
        for number in range(last + 1)
    ]


def diverged(epochs: list[Epoch]) -> list[Epoch]:
    """The same, but the last one found numbers that are none."""
    nan = math.nan
    broken = {"loss": nan, "test_loss": nan, "norm": math.inf, "norm_max": math.inf, "clipped": nan}
    shape = {
        "profile": [nan] * len(epochs[-1].profile),
        "answer": [[nan]],
        "weights": {"weight_ih": math.inf},
    }
    return [*epochs[:-1], replace(epochs[-1], **broken, **shape, diverged=True)]


def view(**more: object) -> TaskView:
    """Two numbers to add, asked for at the last of four steps."""
    steps = {"inputs": ((0.3, 1.0), (0.5, 0.0), (0.7, 1.0), (0.1, 0.0)), "scored": (3,), "truth": ((1.0,),)}
    names = {"channels": ("number", "marker"), "outputs": ("sum",), "labels": None}
    return TaskView(**{"kind": "regression", "epochs": WHOLE.epochs, **steps, **names, **more})

"""What the pictures of encoders and decoders share: a look and a short name for each kind of context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.attention.config import ATTENDING, PairConfig
from rnnviz.attention.epoch import PairEpoch
from rnnviz.figures import training_common as common
from rnnviz.figures.theme import CELL_COLOURS
from rnnviz.figures.training_way import Way

Epochs = Mapping[str, Sequence[PairEpoch]]
"""What is drawn: by context the epochs so far, of any number, in any order."""

TRUE, WRONG = CELL_COLOURS["gru"], CELL_COLOURS["mingru"]
"""The colours of where the truth stands, and of what is said wrong: both show on light and on dark cells."""

LOOKS: dict[str, tuple[str, str, str]] = {
    "bahdanau": (CELL_COLOURS["lstm_layernorm"], "solid", "diamond"),
    "dot": (CELL_COLOURS["rnn"], "solid", "square"),
    "general": (CELL_COLOURS["lstm"], "solid", "circle"),
    "concat": (CELL_COLOURS["lstm_peephole"], "solid", "hexagon"),
    "last": (CELL_COLOURS["gru"], "dash", "triangle-up"),
    "learned": (CELL_COLOURS["gru_reset_before"], "dash", "triangle-down"),
    "all": (CELL_COLOURS["rnn_relu"], "dashdot", "x"),
}
"""Colour, dash and symbol of each context: solid where there is attention, broken where one context serves for all."""

NAMES: dict[str, str] = {
    "bahdanau": "attention<br>Bahdanau",
    "dot": "attention<br>dot",
    "general": "attention<br>general",
    "concat": "attention<br>concat",
    "last": "c = h<sub>N</sub>",
    "learned": "c = g(h<sub>N</sub>)",
    "all": "c = g(h<sub>1…N</sub>)",
}
"""The names of the contexts beside their lines."""

_MANY = 2
"""How many contexts with attention are said to be that: of more of them, two lines each would not fit a phone."""


def flat(context: str) -> str:
    """The name of a context on one line."""
    return NAMES[context].replace("<br>", " ")


def ways(epochs: Epochs, config: PairConfig) -> list[Way[PairEpoch]]:
    """The ways of all contexts of a training, in its order, also of those that have not begun."""
    steps = np.minimum(np.arange(config.epochs + 1) * config.per_epoch, config.updates)
    return [Way(flat(context), LOOKS[context], epochs.get(context, ()), steps) for context in config.contexts]


def names(
    contexts: Sequence[str],
    diverged: Sequence[bool],
    wanted: Sequence[float],
    place: Sequence[float],
    x: int | float,
    line: int | float,
) -> list[dict[str, Any]]:
    """The names at the right of the picture, each near its height, in shares of the paper, within a stretch of it.

    ``line`` is how much of the picture's height a line of words takes; many names need more than the stretch.
    """
    many = sum(one in ATTENDING for one in contexts) > _MANY
    texts = [
        (NAMES[one].removeprefix("attention<br>").capitalize() if many and one in ATTENDING else NAMES[one])
        + ("<br>diverged" if gone else "")
        for one, gone in zip(contexts, diverged, strict=True)
    ]
    rows = sum(1 + text.count("<br>") for text in texts)
    low = min(place[0], max(place[1] - rows * line, 0.0))
    heights = common.stacked(texts, wanted, low, place[1], line / max(place[1] - low, line))
    paper = {
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "xanchor": "left",
        "align": "left",
        "yanchor": "middle",
    }
    return [
        {"text": text, "showarrow": False, "font": {"color": LOOKS[one][0]}, "y": height, **paper}
        for one, text, height in zip(contexts, texts, heights, strict=True)
    ]

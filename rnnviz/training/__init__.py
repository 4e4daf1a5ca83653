"""Training, watched: ``fit`` yields an :class:`Epoch` at a time, with all that a page shows of it.

>>> from rnnviz.race import Race
>>> from rnnviz import training
>>> for epoch in training.fit(Race(steps=200), "gru"):
...     print(epoch.number, epoch.loss)

Importing the package is free: torch is loaded with the first name that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.lazy import lazy
from rnnviz.training.epoch import Epoch

if TYPE_CHECKING:
    from rnnviz.training.fitting import Fit, fit, race
    from rnnviz.training.model import SequenceModel, build_model, model_of
    from rnnviz.training.trained import Trained, observe_trained

_HOME = {
    "Fit": "fitting",
    "SequenceModel": "model",
    "Trained": "trained",
    "build_model": "model",
    "fit": "fitting",
    "model_of": "model",
    "observe_trained": "trained",
    "race": "fitting",
}

__all__ = [
    "Epoch",
    "Fit",
    "SequenceModel",
    "Trained",
    "build_model",
    "fit",
    "model_of",
    "observe_trained",
    "race",
]

__getattr__, __dir__ = lazy(__name__, _HOME, __all__)

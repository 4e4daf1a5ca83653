"""The shapes of sequence models, from N-to-N to encoder and decoder: each a module, a diagram, a small problem.

>>> from rnnviz import architectures
>>> shape = architectures.Shape("n_to_m", cell="gru")
>>> seen = architectures.observe(shape)  # untrained; with tensors the network that has them
>>> [(stage.name, stage.letters, stage.shape) for stage in seen.stages]
>>> print(architectures.code(shape))

Importing the package is free: torch is loaded with the first name that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.architectures.config import ARCHITECTURES, Shape
from rnnviz.architectures.diagram import Arrow, Box, Diagram
from rnnviz.lazy import lazy

if TYPE_CHECKING:
    from rnnviz.architectures.diagrams import diagram_of
    from rnnviz.architectures.fitting import Fit, fit
    from rnnviz.architectures.model import build_model, model_of
    from rnnviz.architectures.observed import observe
    from rnnviz.architectures.problems import Problem, problem_of
    from rnnviz.architectures.seen import Seen, Stage, Strip, Told
    from rnnviz.architectures.snippet import code
    from rnnviz.architectures.wording import Words, words

_HOME = {
    "Fit": "fitting",
    "Problem": "problems",
    "Seen": "seen",
    "Stage": "seen",
    "Strip": "seen",
    "Told": "seen",
    "Words": "wording",
    "build_model": "model",
    "code": "snippet",
    "diagram_of": "diagrams",
    "fit": "fitting",
    "model_of": "model",
    "observe": "observed",
    "problem_of": "problems",
    "words": "wording",
}

__all__ = [
    "ARCHITECTURES",
    "Arrow",
    "Box",
    "Diagram",
    "Fit",
    "Problem",
    "Seen",
    "Shape",
    "Stage",
    "Strip",
    "Told",
    "Words",
    "build_model",
    "code",
    "diagram_of",
    "fit",
    "model_of",
    "observe",
    "problem_of",
    "words",
]

__getattr__, __dir__ = lazy(__name__, _HOME, __all__)

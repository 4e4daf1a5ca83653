"""rnnviz: see recurrent neural networks at work.

>>> import torch, rnnviz
>>> lstm = torch.nn.LSTM(3, 8)
>>> trace = rnnviz.trace(lstm, torch.randn(20, 1, 3))
>>> trace.layers[0].gates["f"].shape
torch.Size([20, 1, 8])

Importing the package is free: torch is loaded when a function is first used, so that the app can paint its first
page while torch is still on its way.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.experiment import Experiment as Experiment
    from rnnviz.gradients import gradients as gradients
    from rnnviz.jacobians import gradient_triangle as gradient_triangle
    from rnnviz.jacobians import jacobians as jacobians
    from rnnviz.jacobians import lyapunov_exponents as lyapunov_exponents
    from rnnviz.trace import trace as trace

__version__ = "0.1.0"

_HOME = {
    "Experiment": "experiment",
    "gradient_triangle": "jacobians",
    "gradients": "gradients",
    "jacobians": "jacobians",
    "lyapunov_exponents": "jacobians",
    "trace": "trace",
}

__all__ = ["Experiment", "gradient_triangle", "gradients", "jacobians", "lyapunov_exponents", "trace"]


class _Public:
    """A public name that is looked up in its module at each use.

    ``trace``, ``gradients`` and ``jacobians`` are functions that live in modules of the same names. Importing
    such a module would bind the module over the function in this package; a data descriptor on the package's
    class outlives that, so ``rnnviz.trace(...)`` works whatever was imported before.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, package: Any, owner: Any = None) -> Any:
        return getattr(import_module(f"rnnviz.{_HOME[self.name]}"), self.name)

    def __set__(self, package: Any, module: Any) -> None:
        """Ignore the import system, which offers the submodule of the same name."""


class _Package(ModuleType):
    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


for _name in _HOME:
    setattr(_Package, _name, _Public(_name))
sys.modules[__name__].__class__ = _Package

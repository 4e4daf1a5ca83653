"""One cell of an experiment, run once: all that the figures show of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar, cast

from jaxtyping import Float
from torch import Tensor

from rnnviz import build
from rnnviz.experiment import Experiment
from rnnviz.gradients import Gradients, LayerGradients
from rnnviz.signals import SignalData
from rnnviz.together import observe_module
from rnnviz.trace import LayerTrace, Trace

Value = TypeVar("Value")


@dataclass(frozen=True, eq=False)
class Observation:
    """What one cell did in an experiment, and the gradients of the loss at the experiment's loss step.

    Sequence 0 of the batch is the experiment itself: its input at full strength, from the zero state.
    """

    experiment: Experiment
    cell: str
    signal: SignalData
    trace: Trace
    gradients: Gradients

    @property
    def x(self) -> Float[Tensor, "T B D"]:
        """The input as the model read it."""
        return self.trace.x


def observe(experiment: Experiment, cell: str, *, starts: int = 1, strengths: int = 1) -> Observation:
    """Build the experiment's model of that cell and watch it, gates, states and gradients in one pass.

    The loss is the sum of the output at ``experiment.loss_index``, over the batch too; as sequences do not
    meet, each gradient is that of its own. ``starts`` > 1 runs the input from that many start states,
    ``strengths`` > 1 at that many strengths (see :mod:`rnnviz.build`), at most 16 of one or the other. The
    result lies on the CPU. Raises ``ValueError`` for an unknown cell or counts that do not fit.
    """
    if starts > 1 and strengths > 1:
        raise ValueError(
            f"expected several start states or several strengths, got {starts} and {strengths}; "
            "leave one of them at 1"
        )
    signal = build.signal(experiment)
    module = build.build_module(experiment, cell, signal.x.shape[1])
    x = build.strengths(signal.x.unsqueeze(1).to(build.device()), strengths)
    state = build.start_states(experiment, cell, starts) if strengths == 1 else None

    def loss(output: Tensor) -> Tensor:
        return output[experiment.loss_index].sum()

    trace, gradients = observe_module(module, x.expand(-1, max(starts, strengths), -1), loss, state)
    seen = Observation(experiment, cell, signal, trace, gradients)
    return seen if x.device.type == "cpu" else _on_cpu(seen)


def _on_cpu(value: Value) -> Value:
    """The same value with every tensor in it on the CPU."""
    moved: Any = value
    match value:
        case Tensor():
            moved = value.cpu()
        case tuple():
            moved = tuple(_on_cpu(item) for item in value)
        case dict():
            moved = {name: _on_cpu(item) for name, item in value.items()}
        case Observation() | Trace() | LayerTrace() | Gradients() | LayerGradients():
            moved = replace(value, **{f.name: _on_cpu(getattr(value, f.name)) for f in fields(value)})
    return cast(Value, moved)

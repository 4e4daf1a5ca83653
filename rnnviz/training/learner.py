"""What trainings have in common: epoch by epoch, resting anywhere, and going on as if they had not."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn

Value = TypeVar("Value")
Some = TypeVar("Some", bound="Learner[Any]")


class Taken(NamedTuple):
    """A training step: its loss, the norm of its gradient before and after clipping, and its accuracy or NaN."""

    loss: float
    norm: float
    clipped: float = math.nan
    accuracy: float = math.nan

    @property
    def finite(self) -> bool:
        """Whether loss and gradient are numbers."""
        return math.isfinite(self.loss) and math.isfinite(self.norm)


class Learner(Iterator[Value], ABC, Generic[Value]):
    """A network that learns, an epoch at a time: first number 0, before training, then one for each epoch.

    ``model`` is the network as it is now, ``best`` its weights when the loss it is judged by was lowest, as a state
    dict; that was ``best_loss``, after the epoch ``best_number``. ``step`` counts the training steps taken, ``number``
    is the last epoch that was given, at first -1. An epoch has ``per_epoch`` steps, the last one of all ``steps`` maybe
    fewer. Gradients are shortened to the norm ``clip``.

    Batches come from a generator of its own, begun with ``seed``; the global one is never touched. A step whose loss or
    gradient is not finite is not taken: the network keeps the weights at which that happened, ``diverged`` says so, and
    the training is over.

    ``on_step`` is called before every training step, and before measuring. What it raises passes through, and the
    training can go on after that, here or from its :meth:`checkpoint`.
    """

    def __init__(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        *,
        seed: int,
        steps: int,
        per_epoch: int,
        clip: float | int | None,
        on_step: Callable[[], None] | None,
    ) -> None:
        self.model, self.optimiser, self.on_step = model, optimiser, on_step
        self.steps, self.per_epoch, self.clip = steps, per_epoch, clip
        self.best, self.best_loss, self.best_number = kept(model.state_dict()), math.inf, 0
        self.step, self.number, self.diverged = 0, -1, False
        self._generator = torch.Generator().manual_seed(seed)
        self._taken: list[Taken] = []

    @abstractmethod
    def _draw(self, generator: torch.Generator) -> Any:
        """A batch to learn from."""

    @abstractmethod
    def _backward(self, batch: Any) -> tuple[float, float]:
        """Add the gradient of a batch to that of the parameters; gives its loss, and its accuracy or NaN."""

    @abstractmethod
    def _epoch(self, taken: Sequence[Taken]) -> Value:
        """Measure, and :meth:`_close` the epoch in which these steps were taken."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to come."""
        return self.diverged or self.number * self.per_epoch >= self.steps

    @torch.inference_mode(False)
    def __next__(self) -> Value:
        if self.finished:
            raise StopIteration
        goal = min((self.number + 1) * self.per_epoch, self.steps)
        while self.step < goal and (not self._taken or self._taken[-1].finite):
            self._ask()
            self._taken.append(self._gradient(self._draw(self._generator)))
            if self._taken[-1].finite:
                self.optimiser.step()
                self.step += 1
        self._ask()
        return self._epoch(self._taken or [self._before()])

    def checkpoint(self) -> dict[str, Tensor]:
        """All that is needed to go on to the same numbers, as contiguous tensors of their own, by name."""
        found = {f"model/{name}": value for name, value in self.model.state_dict().items()}
        found |= {f"best/{name}": value for name, value in self.best.items()}
        found |= {f"optimiser/{name}": value for name, value in optimiser_state(self.optimiser).items()}
        found["generator"] = self._generator.get_state()
        found["counts"] = torch.tensor([self.step, self.number, self.best_number, self.diverged])
        found["best_loss"] = torch.tensor([self.best_loss], dtype=torch.float64)
        found["taken"] = torch.tensor(self._taken, dtype=torch.float64).reshape(-1, 4)
        return kept(found)

    def _ask(self) -> None:
        if self.on_step is not None:
            self.on_step()

    def _before(self) -> Taken:
        """What the first batch would say, without a step."""
        return self._gradient(self._draw(self._generator.clone_state()))

    @torch.enable_grad()
    def _gradient(self, batch: Any) -> Taken:
        """Leave the clipped gradient of a batch in the parameters."""
        self.optimiser.zero_grad()
        loss, accuracy = self._backward(batch)
        norm, clipped = clip_norm(list(self.model.parameters()), self.clip)
        return Taken(loss, norm, clipped, accuracy)

    def _close(self, loss: float, last: Taken, keep: bool = False) -> bool:
        """End the epoch, which is judged by ``loss``; says whether that is the lowest so far.

        Then the weights are the best, and with ``keep`` whatever they are worth.
        """
        self.number += 1
        lowest = loss < self.best_loss
        if lowest or keep:
            self.best, self.best_number = kept(self.model.state_dict()), self.number
            self.best_loss = min(loss, self.best_loss)
        self.diverged = not (last.finite and math.isfinite(loss))
        self._taken = []
        return lowest

    def _go_on_from(self, checkpoint: Mapping[str, Tensor], whose: str) -> None:
        """Take up a checkpoint. ``ValueError`` for one that is not ``whose`` it should be."""
        try:
            self._take_up(checkpoint)
        except (KeyError, RuntimeError, ValueError) as error:
            raise ValueError(
                f"expected a checkpoint of {whose}, got another ({error}); go on with what it was made with"
            ) from error

    def _take_up(self, checkpoint: Mapping[str, Tensor]) -> None:
        """Everything as :meth:`checkpoint` has it."""
        self.model.load_state_dict(below("model/", checkpoint))
        load_optimiser(self.optimiser, below("optimiser/", checkpoint))
        self._generator.set_state(checkpoint["generator"])
        self.step, self.number, self.best_number, diverged = checkpoint["counts"].tolist()
        self.best_loss, self.diverged = checkpoint["best_loss"].item(), bool(diverged)
        self._taken = [Taken(*row) for row in checkpoint["taken"].tolist()]
        self.best = kept(below("best/", checkpoint))


def in_turn(learners: Sequence[Some]) -> Iterator[tuple[Some, Any, bool]]:
    """An epoch of each in turn, those that are behind first; says at each whether it completes a round."""
    while going := [one for one in learners if not one.finished]:
        behind = [one for one in going if one.number == min(other.number for other in going)]
        for one in behind:
            yield one, next(one), one is behind[-1]


@torch.no_grad()
def clip_norm(parameters: Sequence[Tensor], most: float | int | None) -> tuple[float, float]:
    """Shorten the whole gradient to the norm ``most`` where it is longer; gives its norm before and after.

    Pascanu, Mikolov & Bengio 2013, algorithm 1, on all parameters together. The norm is summed in float64, where a
    float32 cannot overflow: ``torch.nn.utils.clip_grad_norm_`` makes a gradient of 1e20 zero. Nothing is changed
    where the gradient is not finite; its norm after is then NaN.
    """
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = math.hypot(*(part.item() for part in torch._foreach_norm(gradients, 2, torch.float64)))
    if not math.isfinite(norm):
        return norm, math.nan
    if most is None or norm <= most:
        return norm, norm
    torch._foreach_mul_(gradients, most / norm)
    return norm, float(most)


def optimiser_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimiser remembers of each parameter, by "number/name"."""
    return {
        f"{index}/{name}": value
        for index, of_one in optimiser.state_dict()["state"].items()
        for name, value in of_one.items()
        if isinstance(value, Tensor)
    }


def load_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give it back what :func:`optimiser_state` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition("/")
        state.setdefault(int(index), {})[key] = value.clone()
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def kept(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies that share no memory."""
    return {
        name: value.detach().clone(memory_format=torch.contiguous_format) for name, value in tensors.items()
    }


def below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those whose name begins so, without that beginning."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

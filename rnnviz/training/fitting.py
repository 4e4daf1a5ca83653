"""The training itself: one cell, epoch by epoch, so that it can rest anywhere and go on as if it had not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz import tasks
from rnnviz.race import Race
from rnnviz.tasks import Task
from rnnviz.training.epoch import Epoch
from rnnviz.training.measures import measure
from rnnviz.training.model import build_model

STREAM = 60_000
"""Added to the seed of the batches, so that they are independent of weights and test sequences."""


class _Taken(NamedTuple):
    """A training step: its loss, the norm of its gradient before and after clipping, and its accuracy or NaN."""

    loss: float
    norm: float
    clipped: float
    accuracy: float

    @property
    def finite(self) -> bool:
        return math.isfinite(self.loss) and math.isfinite(self.norm)


class Fit(Iterator[Epoch]):
    """A cell that learns, an :class:`Epoch` at a time: first number 0, before training, then one for each epoch.

    ``model`` is the network as it is now, ``best`` its weights when its test loss was lowest, as a state dict; that
    was ``best_loss``, after the epoch ``best_number``. ``step`` counts the training steps taken, ``number`` is the
    last epoch that was given, at first -1.

    Each step draws its batch from a generator that starts alike for all cells of a race, so that all see the same
    batches; the global generator is never touched. A step whose loss or gradient is not finite is not taken: the
    network keeps the weights at which that happened, the epoch says ``diverged``, and the fit is over.

    ``on_step`` is called before every training step, and before measuring. What it raises passes through, and the fit
    can go on after that, here or from its :meth:`checkpoint`.
    """

    def __init__(
        self,
        race: Race,
        cell: str,
        checkpoint: Mapping[str, Tensor] | None = None,
        on_step: Callable[[], None] | None = None,
        task: Task | None = None,
    ) -> None:
        self.race, self.cell, self.on_step = race, cell, on_step
        self.task = task or tasks.make(race)
        with torch.inference_mode(False):
            self.model = build_model(race, cell, self.task)
            self.optimiser = optimiser_of(race, list(self.model.parameters()))
        self.best, self.best_loss, self.best_number = kept(self.model.state_dict()), math.inf, 0
        self.step, self.number, self.diverged = 0, -1, False
        self._generator = torch.Generator().manual_seed(STREAM + race.seed)
        self._taken: list[_Taken] = []
        if checkpoint is not None:
            self._go_on_from(checkpoint)

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to come."""
        return self.diverged or self.number >= self.race.epochs

    @torch.inference_mode(False)
    def __next__(self) -> Epoch:
        if self.finished:
            raise StopIteration
        goal = min((self.number + 1) * self.race.per_epoch, self.race.steps)
        while self.step < goal and (not self._taken or self._taken[-1].finite):
            self._ask()
            self._taken.append(self._train())
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

    def _train(self) -> _Taken:
        taken = self._gradient(self._generator)
        if taken.finite:
            self.optimiser.step()
            self.step += 1
        return taken

    def _before(self) -> _Taken:
        """What the first batch would say, without a step."""
        return self._gradient(self._generator.clone_state())

    @torch.enable_grad()
    def _gradient(self, generator: torch.Generator) -> _Taken:
        """Draw a batch, and leave the clipped gradient of its loss in the parameters."""
        batch = self.task.batch(self.race.batch, generator)
        output = self.model(batch.x)
        loss = self.task.loss(output, batch)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm, clipped = clip_norm(list(self.model.parameters()), self.race.clip)
        accuracy = self.task.accuracy(output.detach(), batch)
        return _Taken(loss.item(), norm, clipped, math.nan if accuracy is None else accuracy)

    def _epoch(self, taken: Sequence[_Taken]) -> Epoch:
        """Measure, and close the epoch."""
        found = measure(self.model, self.task)
        self.number += 1
        if found.test_loss < self.best_loss:
            self.best, self.best_loss = kept(self.model.state_dict()), found.test_loss
            self.best_number = self.number
        self.diverged = not (taken[-1].finite and math.isfinite(found.test_loss))
        self._taken = []
        loss, norm, clipped = (fmean(values) for values in list(zip(*taken, strict=True))[:3])
        norms = [one.norm for one in taken]
        # A batch in which there is nothing to be right about has none.
        shares = [one.accuracy for one in taken if not math.isnan(one.accuracy)]
        return Epoch(
            cell=self.cell,
            number=self.number,
            step=self.step,
            loss=loss,
            accuracy=None if found.test_accuracy is None else fmean(shares) if shares else math.nan,
            norm=norm,
            norm_max=math.nan if any(map(math.isnan, norms)) else max(norms),
            clipped=clipped,
            rate=float(self.race.rate),
            diverged=self.diverged,
            **vars(found),
        )

    def _go_on_from(self, checkpoint: Mapping[str, Tensor]) -> None:
        """Take up a checkpoint. ``ValueError`` for one of another race or cell."""
        try:
            self.model.load_state_dict(below("model/", checkpoint))
            load_optimiser(self.optimiser, below("optimiser/", checkpoint))
            self._generator.set_state(checkpoint["generator"])
            self.step, self.number, self.best_number, diverged = checkpoint["counts"].tolist()
            self.best_loss = checkpoint["best_loss"].item()
            self._taken = [_Taken(*row) for row in checkpoint["taken"].tolist()]
        except (KeyError, RuntimeError, ValueError) as error:
            raise ValueError(
                f"expected a checkpoint of the {self.cell!r} of this race, got another ({error}); "
                "go on with the settings that it was made with"
            ) from error
        self.diverged, self.best = bool(diverged), kept(below("best/", checkpoint))


def fit(
    race: Race,
    cell: str,
    checkpoint: Mapping[str, Tensor] | None = None,
    on_step: Callable[[], None] | None = None,
) -> Fit:
    """Train one cell of a race; see :class:`Fit`. ``ValueError`` for an unknown cell, or a checkpoint of another fit.

    From the :meth:`~Fit.checkpoint` of an earlier fit it goes on to the same numbers, bit for bit, as that one would.
    """
    return Fit(race, cell, checkpoint, on_step)


def race(chosen: Race) -> Iterator[Epoch]:
    """Train all cells of a race side by side: an epoch of each in turn, as far as none has diverged."""
    task = tasks.make(chosen)
    for _, epoch, _ in in_turn([Fit(chosen, cell, task=task) for cell in chosen.cells]):
        yield epoch


def in_turn(fits: Sequence[Fit]) -> Iterator[tuple[Fit, Epoch, bool]]:
    """An epoch of each in turn, those that are behind first; says at each whether it completes a round."""
    while going := [one for one in fits if not one.finished]:
        behind = [one for one in going if one.number == min(other.number for other in going)]
        for one in behind:
            yield one, next(one), one is behind[-1]


def optimiser_of(race: Race, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """The race's optimiser, with PyTorch's defaults but for the learning rate."""
    match race.optimiser:
        case "adam":
            return torch.optim.Adam(parameters, lr=race.rate)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=race.rate)
        case "momentum":
            return torch.optim.SGD(parameters, lr=race.rate, momentum=0.9)
    return torch.optim.SGD(parameters, lr=race.rate)


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

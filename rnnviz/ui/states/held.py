"""The input that is held while states are left to themselves: a slider for one channel, a choice for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.prose import written
from rnnviz.typed import parse_numbers
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.experiment import Experiment
    from rnnviz.signals import SignalData
    from rnnviz.ui.view import View

REACH = {"noise": 3.0, "walk": 2.0, "returns": 10.0, "levels": 3.0}
"""How far the slider goes to both sides, by signal; else 1."""

_STOPS = 20  # to each side


@dataclass(frozen=True)
class Held:
    """What may be held: a number up to ``reach`` on one channel, or 1 on one of several ``channels``, or −1 too."""

    reach: float
    channels: tuple[str, ...] = ()
    signed: bool = False

    def draw(self, controls: Controls) -> None:
        """The slider, or the choice."""
        if self.channels:
            controls.one_of("letter", self.labels)
        else:
            controls.slider("held", minimum=-self.reach, maximum=self.reach, step=self.reach / _STOPS)

    @property
    def labels(self) -> list[str]:
        """What may be chosen, the first of it nothing."""
        if not self.signed:
            return ["Nothing: 0", *self.channels]
        return ["Nothing: 0", *(f"{name} = {sign}" for sign in ("1", "−1") for name in self.channels)]

    def value(self, view: View) -> tuple[float, ...]:
        """The input that is held (D,)."""
        if not self.channels:
            return (min(max(float(view.held), -self.reach), self.reach),)
        D, chosen = len(self.channels), min(view.letter, len(self.labels) - 1)
        held = [0.0] * D
        if chosen:
            held[(chosen - 1) % D] = 1.0 if chosen <= D else -1.0
        return tuple(held)

    def words(self, view: View) -> str:
        """What is held, for a sentence; not escaped."""
        if not self.channels:
            return written(self.value(view)[0])
        chosen = min(view.letter, len(self.labels) - 1)
        return self.labels[chosen] if chosen else "0"


def of_experiment(experiment: Experiment) -> Held:
    """What may be held of the experiment's signal, the same for every length of it."""
    if experiment.signal == "text":
        return Held(1.0, _named(sorted(set(experiment.text))))
    if experiment.signal == "numbers":
        numbers = parse_numbers(experiment.numbers)[0]
        return Held(_round_up(max((abs(number) for number in numbers), default=1.0)))
    return Held(REACH.get(experiment.signal, 1.0))


def of_signal(signal: SignalData) -> Held:
    """The same of what a trained network reads."""
    size = float(signal.x.abs().nan_to_num().amax())
    if signal.x.shape[1] == 1:
        return Held(_round_up(size))
    return Held(1.0, _named(signal.channels), signed=bool((signal.x < 0).any()))


def _named(channels: Sequence[str]) -> tuple[str, ...]:
    return tuple({" ": "␣", "\n": "⏎", "\t": "⇥"}.get(name, name) for name in channels)


def _round_up(size: float) -> float:
    """The next of 1, 2 and 5 times a power of ten; 1 for 0."""
    if not size > 0:
        return 1.0
    exponent = int(f"{size:e}".partition("e")[2])
    return next(
        bound for digit in (1, 2, 5, 10) if size <= (bound := float(f"{digit}e{exponent}")) * (1 + 1e-9)
    )

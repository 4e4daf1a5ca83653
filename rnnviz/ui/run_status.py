"""What a visitor can do with the run that is shown, and what is said of it beside the buttons. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rnnviz.runs.model import Run, State
from rnnviz.ui import run_words
from rnnviz.ui.run_buttons import Button, Memory

STARTS, TRAINS = "play_arrow", "This run has just these settings."


@runtime_checkable
@runtime_checkable
class Shown(Protocol):
    """A run as every page of runs has it."""

    @property
    def run(self) -> Run:
        """The run."""

    @property
    def own(self) -> bool:
        """The visitor may stop it."""

    @property
    def example(self) -> bool:
        """It is the server's own, for everybody who has not started one."""

    @property
    def place(self) -> int | None:
        """Its place in the line, from 1, while it waits."""


@dataclass(frozen=True)
class Standing:
    """How the visitor stands to the run: ``state`` is that of a run of his own, else None; ``foreign``: another's."""

    state: State | None = None
    foreign: bool = False

    @property
    def rests(self) -> bool:
        """It could go on."""
        return self.state in ("paused", "stopped", "failed")

    @property
    def moves(self) -> bool:
        """It waits or is being computed."""
        return self.state in ("queued", "running")

    def begin(self, label: str, help: str, *, same: bool, missing: str = "", primary: bool = True) -> Button:
        """The button that starts a run. ``same``: it would be the one that is shown; ``missing``: why there is none."""
        under_way = same and (self.rests or self.moves)
        return Button(
            "Train your own" if self.foreign else label,
            not missing and not under_way,
            missing or (TRAINS if under_way else help),
            STARTS,
            primary=primary,
        )

    def go_on(self) -> Button:
        """The button that takes a resting run up again."""
        return Button("Continue", True, "Go on from where it is.", "resume")

    def stop(self, *, paused: bool = False) -> Button:
        """The button that ends a run; with ``paused`` also one that rests."""
        enabled = self.moves or (paused and self.state == "paused")
        return Button("Stop", enabled, "End it; what it has learned is kept.", "stop")


def standing(shown: Shown | None) -> Standing:
    """How the visitor stands to what is shown."""
    if shown is None:
        return Standing()
    return Standing(shown.run.state if shown.own else None, not shown.own and not shown.example)


def instead(shown: Shown, example: str, foreign: str) -> str:
    """What there is to say of a run that is not the visitor's; "" where it is."""
    return example if shown.example else "" if shown.own else foreign


def paced(run: Run, parts: list[str], most: str = "") -> str:
    """How far a run is, in ``parts``, and how long it takes or took; ``most`` stands before what is left."""
    if run.state == "running" and run.left is not None:
        parts = [*parts, f"{most}{run_words.duration(run.left)} left"]
    elif run.seconds > 0:
        parts = [*parts, f"{run_words.duration(run.seconds)} of training"]
    return " · ".join(parts)


def asked(known: Memory, shown: Shown, words: Mapping[str, str]) -> str:
    """What is being done because of the last press, by button in ``words``; "" when it is done."""
    pressed = known.asked[0] == shown.run.id and shown.run.active
    return words.get(known.asked[1], "") if pressed else ""

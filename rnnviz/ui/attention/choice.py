"""Which run a section shows: the one in the link, else the example that the server trains for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rnnviz.attention.config import VERSION, PairConfig, PoolConfig
from rnnviz.ui import engine, run_choice
from rnnviz.ui.attention import shown
from rnnviz.ui.attention.shown import KIND, Shown
from rnnviz.ui.run_buttons import Memory
from rnnviz.ui.session import Session
from rnnviz.ui.view_attention import ATTENTION

if TYPE_CHECKING:
    from rnnviz.runs import Runs


@dataclass(frozen=True)
class Part:
    """One of the two parts: the session's value that is chosen for it, and the setting of the view that names its run.

    ``examples`` are what the server trains once, for whoever has started no run: one for each task.
    """

    name: str
    where: str
    run: str
    examples: Callable[[str], PoolConfig | PairConfig]


def _pool(task: str) -> PoolConfig:
    return PoolConfig(task=task)


def _pair(task: str) -> PairConfig:
    return PairConfig(task=task)


PARTS: dict[str, Part] = {
    "pooling": Part("pooling", "pool", "pooled", _pool),
    "pairs": Part("pairs", "pair", "paired", _pair),
}
"""The parts, by the section that draws them."""

_QUERY = {field.name: field.query for field in ATTENTION}


@dataclass
class PageMemory(Memory):
    """What the page remembers of a visitor besides its runs.

    ``part`` is the one that was drawn last, ``beside`` the one whose settings stand at the side. ``section`` is the
    section that was drawn last, and ``turn`` counts how often another one was set by something else than its buttons.
    """

    part: str = "pooling"
    beside: str = "pooling"
    section: str = ""
    turn: int = -1


def page_memory() -> PageMemory:
    """This visitor's, made at the first call."""
    return run_choice.memory("attention", PageMemory)


def memory(part: str) -> Memory:
    """The same for the runs of a part."""
    return run_choice.memory(f"attention_{part}", Memory)


def part_of(session: Session) -> Part:
    """The part that is worked on: that of the section, or the last one."""
    known = page_memory()
    if session.view.attend in PARTS:
        known.part = session.view.attend
    return PARTS[known.part]


def run_of(session: Session, part: Part) -> str:
    """The id of the run in the link, or ""."""
    id: str = getattr(session.view, part.run)
    return id


def find(session: Session, part: Part) -> Shown[Any, Any] | None:
    """The run that is shown, as it is now; None where the link names one that is gone, or none can be had."""
    runs, owner = engine.runs(), engine.owner()
    if id := run_of(session, part):
        return shown.load(runs, id, owner, part.name)
    return shown.load(runs, example(session, part, runs, owner), owner, part.name, example=True)


def follow(session: Session) -> None:
    """Bring the settings of the runs into the side bar, once, when the page comes to show them."""
    for part in PARTS.values():
        known, id = memory(part.name), run_of(session, part)
        if id == known.followed:
            continue
        known.followed, known.error = id, ""
        found = shown.load(engine.runs(), id, engine.owner(), part.name)
        if found is not None:
            run_choice.take_over(session, part.where, found.config, _QUERY[part.run], id)


def followed(session: Session) -> bool:
    """Whether the side bar has followed what is shown."""
    return all(memory(part.name).followed == run_of(session, part) for part in PARTS.values())


def show(session: Session, part: Part, id: str) -> None:
    """Show another run from now on. The whole page is then to be drawn, for the settings at its side to follow."""
    changes: dict[str, Any] = {part.run: id}
    session.view = replace(session.view, **changes)
    session.version += 1


examples = run_choice.Examples(KIND)


def example(session: Session, part: Part, runs: Runs, owner: str) -> str:
    """The id of the example for the task that is chosen. Raises :class:`rnnviz.runs.RunsError`."""
    config = part.examples(getattr(session, part.where).task)
    return examples.id_of(runs, owner, config, lambda: {**spec_of(part, config), "version": VERSION})


def spec_of(part: Part, config: PoolConfig | PairConfig) -> dict[str, Any]:
    """What the engine is given to train."""
    return {"part": part.name, "config": config.to_spec()}


def active(session: Session) -> bool:
    """Whether what the page shows will change by itself."""
    return run_choice.active(_shown(session), listed=session.view.attend == "yours")


def _shown(session: Session) -> Iterator[str]:
    part = part_of(session)
    yield run_of(session, part) or example(session, part, engine.runs(), engine.owner())

"""Which trained weights the page shows: those of the run in the link where they fit, else those of the server's own.

Weights do not depend on how many steps or sequences are read. So they stay while those are changed, and a training is
asked for only where it would give other weights. The server trains each architecture with each cell by itself, at its
first size and seed and when somebody looks at it: 36 runs of some seconds at most, however many look and whatever they
drag. Other sizes and seeds are trained for who asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rnnviz.architectures.config import VERSION, Shape, shape_of
from rnnviz.runs import RunsError
from rnnviz.runs.model import Run
from rnnviz.ui import engine, run_choice
from rnnviz.ui.history import History
from rnnviz.ui.run_buttons import Memory
from rnnviz.ui.session import Session

if TYPE_CHECKING:
    from rnnviz.runs import Runs

KIND = "architecture"
"""The kind of work that this page shows."""

LAYERED = ("stacked", "residual")
"""The architectures of which the number of layers can be chosen."""

LONG = ("contexts",)
"""The architectures with weights for each step, so that they read as many steps as they were trained on."""

PAIRS = {"one_to_n": "one_to_n_each", "one_to_n_each": "one_to_n"}
"""Architectures that differ in one thing alone, and are shown side by side."""

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Shown:
    """A run, what was chosen for it, and its epochs so far: number 0 first, none missing.

    ``own``: it is the visitor's. ``example``: the server's, for everybody. ``place`` in the line, from 1.
    """

    run: Run
    shape: Shape
    epochs: tuple[Row, ...] = ()
    own: bool = False
    example: bool = False
    place: int | None = None

    @property
    def trained(self) -> bool:
        """Whether its weights are there."""
        return self.run.state == "done"


def weights_of(shape: Shape) -> Shape:
    """What decides the weights and the training: steps and sequences at their defaults, layers too where none count."""
    plain = Shape()
    return replace(
        shape,
        length=shape.length if shape.kind in LONG else plain.length,
        batch=plain.batch,
        layers=shape.layers if shape.kind in LAYERED else plain.layers,
    )


def fits(trained: Shape, shape: Shape) -> bool:
    """Whether weights that were trained for one belong to the other."""
    return weights_of(trained) == weights_of(shape)


def by_itself(shape: Shape) -> bool:
    """Whether the server trains it without being asked."""
    return weights_of(shape) == Shape(kind=shape.kind, cell=shape.cell)


def memory() -> Memory:
    """This visitor's memory, made at the first call."""
    return run_choice.memory("architectures", Memory)


def find(session: Session, shape: Shape | None = None) -> Shown | None:
    """The run whose weights fit what is chosen, or another shape, as it is now; None where there is none.

    Raises :class:`rnnviz.runs.RunsError`.
    """
    shape = session.shape if shape is None else shape
    runs, owner = engine.runs(), engine.owner()
    found = load(runs, session.view.learned, owner)
    if found is not None and fits(found.shape, shape):
        return found
    if not by_itself(shape):
        return None
    plain = weights_of(shape)
    id = examples.id_of(runs, owner, plain, lambda: {**plain.to_spec(), "version": VERSION})
    return load(runs, id, owner, example=True)


def drawn(session: Session) -> list[Shape]:
    """The shapes that are on the page: what is chosen, and what stands beside it."""
    shape = session.shape
    other = PAIRS.get(shape.kind)
    return [shape] if other is None else [shape, replace(shape, kind=other)]


def load(runs: Runs, id: str, owner: str, *, example: bool = False) -> Shown | None:
    """The run of that id, or None where there is none that this version can read."""
    run = runs.get(id) if id else None
    if run is None or run.kind != KIND:
        return None
    try:
        shape = shape_of(run.spec)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    own = not run.shared and runs.owns(id, owner)
    place = runs.place(id) if run.state == "queued" else None
    return Shown(run, shape, _history.of(runs, run).get("model", ()), own, example, place)


def follow(session: Session) -> None:
    """Bring the settings of the run in the link onto the page, once, when it comes to be shown."""
    known, id = memory(), session.view.learned
    if id == known.followed:
        return
    known.followed, known.error = id, ""
    found = load(engine.runs(), id, engine.owner())
    if found is not None:
        run_choice.take_over(session, "shape", found.shape, "learned", id)


def gone(session: Session) -> bool:
    """Whether the link names a run that is no longer here."""
    id = session.view.learned
    return bool(id) and load(engine.runs(), id, engine.owner()) is None


def train(session: Session) -> None:
    """Train what is chosen, for this visitor. Raises :class:`rnnviz.runs.RunsError`."""
    id = engine.runs().submit(KIND, session.shape.to_spec(), engine.owner(), title=name_of(session.shape))
    memory().followed = id
    session.view = replace(session.view, learned=id, stage="trained")
    session.version += 1


def active(session: Session) -> bool:
    """Whether what the page shows will change by itself."""
    try:
        found = [find(session, shape) for shape in drawn(session)]
    except RunsError:
        return False
    return any(one is not None and one.run.active for one in found)


def name_of(shape: Shape) -> str:
    """What a training is called in lists."""
    labels = {field.name: field for field in Shape.fields}
    return f"{labels['kind'].label_of(shape.kind)} · {labels['cell'].label_of(shape.cell)}"


examples = run_choice.Examples(KIND)

_history: History[Row] = History(64, lambda row: row.data)
"""The rows of a training of some seconds are a few KB."""

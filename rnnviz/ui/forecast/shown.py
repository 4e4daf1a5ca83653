"""The forecast that the page shows: found by its id, its rows and its result read once for all who watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.parts import Compared, Fold, Leak
from rnnviz.forecast.samples import SAMPLES
from rnnviz.runs.model import Row, Run
from rnnviz.ui import preload
from rnnviz.ui.history import History
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    import pandas as pd

    from rnnviz.forecast.result import Epoch, Result
    from rnnviz.forecast.table import Table
    from rnnviz.runs import Runs

KIND = "forecast"
"""The kind of work that this page shows."""

FOUND: dict[str, type[Compared] | type[Fold] | type[Leak]] = {
    "compare": Compared,
    "backtest": Fold,
    "leaks": Leak,
}
"""What the rows "found" of each part are."""

KEPT = 12
"""Runs whose rows, tables and results are kept; 20,000 rows with their result hold some 5 MB."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What every section draws: the run, what was chosen for it, and what it has written so far.

    ``epochs``: number 0 first, none missing; empty where there is none yet. ``own``: the visitor may stop it.
    ``example``: the server's own, which everybody sees who has not started one. ``place`` in the line, from 1, while it
    waits.
    """

    runs: Runs
    run: Run
    config: ForecastConfig
    epochs: tuple[Epoch, ...]
    own: bool = False
    example: bool = False
    place: int | None = None

    @property
    def stamp(self) -> tuple[str, int]:
        """What a picture of the run may be kept by: it changes with every row."""
        return self.run.id, self.run.version

    @property
    def sample(self) -> str:
        """Which of the samples was forecast; "own" for a file that somebody brought."""
        given = self.run.spec.get("sample", "own")
        return given if given in dict(SAMPLES) else "own"

    @property
    def name(self) -> str:
        """What the series is called: a user's text, to be escaped."""
        return str(self.run.spec.get("data", {}).get("name", ""))

    @cached_property
    def table(self) -> Table:
        """The table that was forecast, from the store of the run."""
        return _tables.get((self.runs, self.run.id), lambda: _table(self.run))

    @cached_property
    def prices(self) -> pd.Series:
        """The series that was forecast."""
        preload.ensure()
        from rnnviz.forecast import stored

        return _prices.get((self.runs, self.run.id), lambda: stored.prices(self.run.spec))

    @cached_property
    def result(self) -> Result | None:
        """What was found, once the run is through; None before."""
        if self.run.state != "done" or self.run.result is None:
            return None
        try:
            return _results.get((self.runs, self.run.id), lambda: _result(self))
        except ValueError:  # the store does not answer, which the page says elsewhere
            return None


@dataclass(frozen=True, eq=False)
class Part:
    """A run of another part, as far as it is. ``found``: what is through, in order; ``epochs`` by network's name."""

    run: Run
    config: ForecastConfig
    found: tuple[Any, ...]
    epochs: Mapping[str, tuple[Epoch, ...]]
    own: bool = False
    place: int | None = None

    @property
    def stamp(self) -> tuple[str, int]:
        """What a picture of the run may be kept by: it changes with every row."""
        return self.run.id, self.run.version


def load(runs: Runs, id: str, owner: str, example: bool = False) -> Shown | None:
    """The forecast of that id as it is now, or None where there is none that this version can read."""
    run, config = _look(runs, id, "forecast")
    if run is None or config is None:
        return None
    series = _history.of(runs, run)
    own, place = _standing(runs, run, owner)
    return Shown(runs, run, config, series.get("model", ()), own, example, place)


def found(runs: Runs, id: str, owner: str, part: str) -> Part | None:
    """The run of another part, one of :data:`FOUND`, or None where there is none that this version can read."""
    run, config = _look(runs, id, part)
    if run is None or config is None:
        return None
    series = _history.of(runs, run)
    rows = tuple(FOUND[part].from_row(data) for data in series.get("found", ()))
    epochs = {name: values for name, values in series.items() if name != "found"}
    return Part(run, config, rows, epochs, *_standing(runs, run, owner))


def forget(id: str) -> None:
    """Keep nothing of a run that was deleted."""
    _history.forget(id)
    for shelf in (_tables, _prices, _results):
        shelf.drop(lambda key: key[1] == id)


def _look(runs: Runs, id: str, part: str) -> tuple[Run | None, ForecastConfig | None]:
    run = runs.get(id) if id else None
    if run is None or run.kind != KIND or run.spec.get("part") != part:
        return None, None
    try:
        return run, ForecastConfig.from_spec(run.spec["config"])
    except (ValueError, TypeError, KeyError):
        return None, None


def _standing(runs: Runs, run: Run, owner: str) -> tuple[bool, int | None]:
    own = not run.shared and runs.owns(run.id, owner)
    return own, runs.place(run.id) if run.state == "queued" else None


def _read(row: Row) -> Any:
    from rnnviz.forecast.result import Epoch

    return row.data if row.series == "found" else Epoch(**row.data)


def _table(run: Run) -> Table:
    preload.ensure()
    from rnnviz.forecast import stored

    return stored.table(run.spec)


def _result(shown: Shown) -> Result:
    preload.ensure()
    from rnnviz.forecast import stored

    run = shown.run
    assert run.result is not None
    return stored.result(
        run.spec, run.result, lambda name: shown.runs.weights(run.id, name), list(shown.epochs)
    )


_history: History[Any] = History(KEPT, _read)
_tables: Shelf[Table] = Shelf(KEPT)
_prices: Shelf[pd.Series] = Shelf(KEPT)
_results: Shelf[Result] = Shelf(KEPT)

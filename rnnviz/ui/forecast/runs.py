"""The visitor's own forecasts, newest first: look at one again, or delete it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnviz.forecast.config import FIELD, ForecastConfig
from rnnviz.forecast.parts import PARTS
from rnnviz.runs import RunsError
from rnnviz.runs.model import Run
from rnnviz.typed import quoted
from rnnviz.ui import engine, run_choice, run_list
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import choice, source
from rnnviz.ui.forecast.shown import KIND, Shown, forget
from rnnviz.ui.session import Session

OF_PART = {"compare": "compared", "backtest": "backtest", "leaks": "leaks"}
"""The setting of the view that names a run, by its part; all others are forecasts."""


def draw(controls: Controls, shown: Shown | None) -> None:
    """The list, a line a run."""
    session, view = controls.session, controls.view
    here = {view.compared, view.backtest, view.leaks, "" if shown is None else shown.run.id}
    run_list.draw(
        KIND,
        here - {""},
        describe,
        lambda run: _show(session, run),
        lambda run: _delete(session, run),
        none="None yet. Choose a series and settings on the left and press Train.",
        goes="The run, its prices and its numbers are gone then, for everybody who has the link.",
    )


def describe(run: Run) -> tuple[str, str]:
    """What a run is called in the list, and its sizes."""
    try:
        config, data = ForecastConfig.from_spec(run.spec["config"]), run.spec["data"]
        name, rows = quoted(str(data["name"]), marks=False), len(data["prices"])
    except (ValueError, TypeError, KeyError):
        return run.title or "A run of another version", ""
    part = run.spec.get("part", "forecast")
    what = "" if part == "forecast" else f"{dict(PARTS).get(part, part)}: "
    mode = "levels" if config.mode == "levels" else "returns"
    return (
        f"{what}{name} · {FIELD['network'].label_of(config.network)}",
        f"{rows:,} rows · window {config.window} · {mode} · seed {config.seed}",
    )


def _show(session: Session, run: Run) -> None:
    part = str(run.spec.get("part", "forecast"))
    if part not in OF_PART:
        choice.show(session, run.id)
        session.view = replace(session.view, part="forecast")
        return
    if (id := _forecast_of(session, run)) is not None and id != session.view.forecast:
        choice.show(session, id)
    changes: dict[str, Any] = {"part": part, OF_PART[part]: run.id}
    session.view = replace(session.view, **changes)
    session.version += 1


def _forecast_of(session: Session, run: Run) -> str | None:
    """A forecast of the same prices: the one that is shown, one of the visitor's, or the example ("")."""

    def alike(id: str) -> bool:
        other = engine.runs().get(id)
        return other is not None and all(
            other.spec["data"][k] == run.spec["data"][k] for k in ("prices", "dates")
        )

    sample, owner = str(run.spec.get("sample", "own")), engine.owner()
    if session.view.forecast and alike(session.view.forecast):
        return session.view.forecast
    try:
        if sample != "own" and alike(choice.example(engine.runs(), owner, sample)):
            session.view = replace(session.view, sample=sample)
            return ""
    except RunsError:
        pass
    mine = engine.runs().mine(owner)
    return next(
        (one.id for one in mine if one.kind == KIND and one.spec.get("part") == "forecast" and alike(one.id)),
        None,
    )


def _delete(session: Session, run: Run) -> None:
    known = choice.memory()
    if not run_choice.delete(known, run.id):
        return
    forget(run.id)
    known.last = {sample: id for sample, id in known.last.items() if id != run.id}
    source.sources().trained.pop(run.id, None)
    if session.view.forecast == run.id:
        choice.show(session, "")
    gone: dict[str, Any] = {name: "" for name in choice.OTHERS if getattr(session.view, name) == run.id}
    session.view = replace(session.view, **gone)

"""What a forecast is doing, in words, and which buttons mean something. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.forecast.config import FIELD, FIELDS, ForecastConfig
from rnnviz.typed import quoted
from rnnviz.ui import run_words
from rnnviz.ui.forecast.settings import tutorial
from rnnviz.ui.forecast.shown import Shown
from rnnviz.ui.run_buttons import Button


def buttons(shown: Shown | None, config: ForecastConfig, *, same: bool, missing: str) -> Mapping[str, Button]:
    """The two buttons, by name: train, and stop (or continue).

    ``same``: the series that would be forecast is that of the run. ``missing`` says why nothing can be trained, or "".
    """
    state = shown.run.state if shown is not None and shown.own else None
    rests = state in ("paused", "stopped", "failed")
    moves = state in ("queued", "running")
    under_way = shown is not None and (moves or rests) and same and shown.config == config
    foreign = shown is not None and not shown.own and not shown.example
    return {
        "train": Button(
            "Train your own" if foreign else "Train",
            not missing and not under_way,
            missing
            or ("This run has just these settings." if under_way else "Forecast with the chosen settings."),
            "play_arrow",
            primary=True,
        ),
        "stop": Button("Continue", True, "Go on from where it is.", "resume")
        if rests
        else Button("Stop", moves, "End it; what it has learned is kept.", "stop"),
    }


def differing(shown: Shown, config: ForecastConfig, series: str) -> str:
    """A sentence on what Train would forecast other than the run, or "". ``series``: the name of another one, or ""."""
    found = [f"the series {quoted(series)}"] if series else []
    if config == tutorial(config) != shown.config:
        found.append("the tutorials' model, two LSTM layers of 64 on price levels, far slower")
    else:
        found += run_words.changes(FIELDS, shown.config, config)
    return run_words.differing("Train takes what is new", found)


def detail(shown: Shown) -> str:
    """What is forecast with what, how far it is, and how long it takes or took."""
    run, config, newest = shown.run, shown.config, len(shown.epochs) - 1
    if newest < 0:
        return run_words.waiting(run)
    if run.state == "done":
        parts = [f"{newest:,} epoch{'s' * (newest != 1)}"]
        if taken := (run.result or {}).get("seconds"):
            return f"{parts[0]} · {run_words.duration(taken)} of training"  # without the start of the worker
    else:
        parts = [f"epoch {newest:,} of at most {config.epochs:,}"]
    if run.state == "running" and run.left is not None:
        parts.append(f"at most {run_words.duration(run.left)} left")
    elif run.seconds > 0:
        parts.append(f"{run_words.duration(run.seconds)} of training")
    return " · ".join(parts)


def onward(shown: Shown) -> str:
    """What the reader can do now, or is looking at, where the state alone does not say it."""
    instead = (
        "The server's own example. Drop a file of your own at the side, or change a setting, and press Train."
        if shown.example
        else ""
        if shown.own
        else "You are looking at somebody's forecast."
    )
    return run_words.onward(shown.run, shown.own, instead, "Continue goes on from here.")


def series_of(shown: Shown) -> str:
    """What is forecast, as far as it does not go without saying: the file, its security and its column."""
    data = shown.run.spec.get("data", {})
    parts = [shown.name]
    if shown.sample == "own":
        parts += [str(data.get("ticker") or "")]
    if data.get("target") not in ("close", "adj_close"):
        parts += [str(data.get("label") or "")]
    found = [quoted(part, marks=False) for part in parts if part]
    return " · ".join(dict.fromkeys(found))


def name_of(name: str, config: ForecastConfig) -> str:
    """What a forecast is called in lists."""
    return f"{quoted(name, marks=False)} · {FIELD['network'].label_of(config.network)}"

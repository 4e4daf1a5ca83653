"""What a forecast is doing, in words, and which buttons mean something. Nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.forecast.config import FIELD, FIELDS, ForecastConfig
from rnnviz.typed import quoted
from rnnviz.ui import run_status, run_words
from rnnviz.ui.forecast.settings import tutorial
from rnnviz.ui.forecast.shown import Shown
from rnnviz.ui.run_buttons import Button


def buttons(
    shown: Shown | None, config: ForecastConfig, *, same: bool, missing: str, primary: bool = True
) -> Mapping[str, Button]:
    """The two buttons, by name: train, and stop (or continue).

    ``same``: the series that would be forecast is that of the run. ``missing`` says why nothing can be trained, or "".
    ``primary``: no other button of the section leads.
    """
    standing = run_status.standing(shown)
    same = shown is not None and same and shown.config == config
    return {
        "train": standing.begin(
            "Train", "Forecast with the chosen settings.", same=same, missing=missing, primary=primary
        ),
        "stop": standing.go_on() if standing.rests else standing.stop(),
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
    return run_status.paced(run, parts, "at most ")


def onward(shown: Shown) -> str:
    """What the reader can do now, or is looking at, where the state alone does not say it."""
    instead = run_status.instead(
        shown,
        "The server's own example. Drop a file of your own, or change a setting, and press Train.",
        "You are looking at somebody's forecast.",
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

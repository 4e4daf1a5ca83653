"""The trained network of a forecast over the prices that it was trained for: a stretch of them is an example.

What is computed is kept by run, by how far the run is, and by which of its networks; never under another run's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from rnnviz.forecast.config import FIELDS, NETWORKS, ForecastConfig
from rnnviz.registry import CELLS
from rnnviz.typed import quoted
from rnnviz.ui import engine, preload
from rnnviz.ui.forecast import shown as shows
from rnnviz.ui.forecast.numbers import percent, price
from rnnviz.ui.forecast.shown import KIND, Shown
from rnnviz.ui.opened_kind import AFTER, File, NotYetError, Readout, WayBack
from rnnviz.ui.opened_single import POOLED, Single

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.forecast.observed import Forecasted
    from rnnviz.runs import Runs

__all__ = ["KIND", "Foreseen", "cells_of", "load"]

KEPT = 64
"""What was observed over stretches of prices and is kept. The largest (128 units, 120 rows) holds about 2 MB."""


_ZERO = "Before training the head is 0: the network forecasts the mean change, and no gradient comes back through it."


@dataclass(frozen=True, eq=False)
class Foreseen(Single):
    """A forecast; its one cell is that of the first layer."""

    fields = FIELDS
    heading = "Trained forecaster"

    shown: Shown

    @property
    def config(self) -> ForecastConfig:
        """What was chosen for the run."""
        return self.shown.config

    @property
    def network(self) -> str:
        """The kind of network."""
        return dict(NETWORKS)[self.config.network]

    @property
    def task(self) -> str:
        """The series that it forecasts."""
        return quoted(self.shown.name, marks=False)

    @property
    def way_back(self) -> WayBack:
        """The page of forecasts."""
        return WayBack(
            "forecast", "The forecast of this network", {"forecast": self.run.id, "part": "forecast"}
        )

    @property
    def loss(self) -> str:
        """The squared error of one forecast."""
        reads = "all states of the window, weighted by attention" if self._pools else "the last state"
        text = f"L is the squared error of this one forecast, in the scaled unit; the head reads {reads}."
        return f"{text} {_ZERO}" if self.config.mode == "returns" else text

    def look(self, cell: str, which: str, example: int) -> Forecasted:
        """What the network does on a stretch of the test part. Raises :class:`NotYetError`."""
        return _look(engine.runs(), self.run.id, self.version(which), which, example)

    def readout(self, which: str, seen: Forecasted) -> Readout | None:
        """The head; of two directions the part of it that reads the one which is shown."""
        if self.config.layers > 1:
            return None
        weight, bias = _head(engine.runs(), self.run.id, self.version(which), which)
        H = self.hidden
        words = "<b>V</b> is the head, a linear layer of its own: it reads the last state alone."
        if weight.shape[1] > H:
            words = (
                f"<b>V</b> is the head, a linear layer of its own. Drawn are its first {H} columns, which read the "
                "last state of this direction; the others read that of the backward one."
            )
        elif self._pools:
            words = POOLED
        each = weight.shape[1] == H and not self._pools
        return Readout(weight[:, :H], bias, ("ahead",), each=each, words=words)

    def traits(self, which: tuple[str, ...]) -> list[str]:
        """How much it reads, and which epoch was kept."""
        found = [f"reads {self.config.window} rows"]
        best = [one.number for one in self.shown.epochs if one.best]
        if AFTER in which and best:
            found.append(f"best at epoch {best[-1]} of {self.shown.epochs[-1].number}")
        return found

    def answers(self, runs: Mapping[str, Any]) -> str:
        """The forecasts of this row beside its true price and that of the row before."""
        one = next(iter(runs.values()))
        told = [
            f"<b>{price(run.forecast)}</b>"
            + ("" if len(runs) < 2 else " after training" if which == AFTER else " before")
            for which, run in runs.items()
        ]
        text = (
            f"For {escape(one.date)} it forecasts {', '.join(told)}; the price was <b>{price(one.actual)}</b>, that of "
            f"the row before <b>{price(one.before)}</b>."
        )
        if one.attention is not None:
            at = int(one.attention.argmax())
            text += (
                f" Attention weighs {escape(one.signal.labels[at])} most, with "
                f"<b>{percent(float(one.attention[at]))}</b>; even weights would be {percent(1 / len(one.attention))}."
            )
        return text

    def notes(self) -> list[str]:
        """Which layer it is, and how the head begins."""
        found = [self.layer] if self.layer else []
        found.append("x is what is modelled of each row, scaled by mean and spread of the training part.")
        if self.config.mode == "returns":
            found.append(_ZERO)
        else:
            found[-1] = "x is the price of each row, scaled by the range of the training part."
        return found

    def file(self, which: str, example: int) -> File:
        """The weights with this stretch of prices, and a script that forecasts the row after it."""
        from rnnviz.forecast import export_model
        from rnnviz.ui.forecast.pictures import kind

        seen = self.look(self.cell, which, example)
        name = f"rnnviz-forecaster-{which}-training.safetensors"
        return File(
            f"The network {which} training with the prices before {escape(seen.date)}, and a script that forecasts "
            "that row from them, with torch and safetensors alone.",
            name,
            lambda: _file(engine.runs(), self.run.id, which, example),
            lambda: export_model.script(self.config, kind(self.shown), name),
        )

    @property
    def _pools(self) -> bool:
        return self.config.network == "attention"

    @property
    def layer(self) -> str:
        """Which part of the network is shown, where that is not all of it."""
        config = self.config
        layer = f"the first of its {config.layers} layers" if config.layers > 1 else "its layer"
        match config.network:
            case "bilstm":
                return f"Shown is the direction that reads forwards, of {layer}."
            case "attention":
                return f"Shown is {layer}, an LSTM, under the attention."
        return f"Shown is {layer}." if config.layers > 1 else ""


def cells_of(id: str) -> tuple[str, ...]:
    """The cell of a forecast, or () where there is none that can be opened."""
    run = engine.runs().get(id)
    if run is None or run.kind != KIND or run.spec.get("part") != "forecast":
        return ()
    try:
        config = ForecastConfig.from_spec(run.spec["config"])
    except (ValueError, TypeError, KeyError):
        return ()
    cell = {"bilstm": "lstm", "attention": "lstm"}.get(config.network, config.network)
    return (cell,) if cell in CELLS else ()


def load(id: str) -> Foreseen | None:
    """The forecast as it is now; None where there is none."""
    runs = engine.runs()
    found = shows.load(runs, id, engine.owner())
    cells = cells_of(id)
    if found is None or not cells:
        return None
    return Foreseen(cells, "model" in runs.kept(id), found)


@lru_cache(maxsize=KEPT)
def _look(runs: Runs, id: str, version: int, which: str, example: int) -> Forecasted:
    preload.ensure()
    from rnnviz.forecast.observed import observe_forecaster

    return observe_forecaster(*_given(runs, id, which), example)


def _given(runs: Runs, id: str, which: str) -> tuple[Any, ForecastConfig, Any, Mapping[str, Tensor] | None]:
    """Prices, settings, parts and weights of a run."""
    from rnnviz.forecast import stored
    from rnnviz.forecast.forecasting import modelled
    from rnnviz.forecast.windows import Series

    run = runs.get(id)
    tensors = runs.weights(id, "model") if which == AFTER else None
    if run is None or (which == AFTER and tensors is None):
        raise NotYetError(id)
    config, prices = stored.config(run.spec), modelled(stored.prices(run.spec))
    return prices, config, Series(prices, config).split, tensors


@lru_cache(maxsize=KEPT)
def _head(runs: Runs, id: str, version: int, which: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of the head."""
    preload.ensure()
    from rnnviz.forecast.networks import Forecaster

    _, config, _, tensors = _given(runs, id, which)
    if tensors is None:
        tensors = Forecaster(config).state_dict()
    return tensors["head.weight"], tensors["head.bias"]


def _file(runs: Runs, id: str, which: str, example: int) -> bytes:
    from rnnviz.forecast import export_model

    return export_model.example_file(*_given(runs, id, which), example)

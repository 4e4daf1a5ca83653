"""Pictures and sentences of a forecast, made once for all who watch it, by its run and how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.ui import charts, preload
from rnnviz.ui.forecast.shown import Part, Shown
from rnnviz.ui.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.figures.drawing import Spec
    from rnnviz.ui.view import View

specs: Shelf[Spec] = Shelf(64)
"""Pictures. The largest (20,000 rows) holds about 0.3 MB."""

sentences: Shelf[list[str]] = Shelf(64)
"""What is said of them."""

_unchanged: Shelf[float | None] = Shelf(64)


def mount(
    name: str,
    shown: Shown | Part,
    view: View,
    height: int,
    alt: str,
    make: Callable[[], Spec],
    *also: str | int,
) -> None:
    """Draw the picture of that name, made by ``make`` where it is not there; ``also`` is what it depends on besides."""
    spec = specs.get((name, shown.stamp, *also), make)
    charts.mount(f"forecast_{name}", spec, alt, view, height, f"forecast-{name}")


_texts: Shelf[str] = Shelf(256)


def text(name: str, shown: Shown | Part, make: Callable[[], str]) -> str:
    """A table or words in HTML, made once for each state of the run."""
    return _texts.get((name, shown.stamp), make)


def kind(shown: Shown) -> str:
    """What is modelled: "returns", "differences" or "levels"."""
    if shown.config.mode == "levels":
        return "levels"
    return "returns" if float(shown.prices.min()) > 0 else "differences"


def unchanged(shown: Shown) -> float | None:
    """The error on the validation part of a forecast of no change, scaled as the network's is; None without any."""
    return _unchanged.get(shown.run.id, lambda: _of_no_change(shown))


def _of_no_change(shown: Shown) -> float | None:
    preload.ensure()
    import numpy as np

    from rnnviz.forecast import TableError
    from rnnviz.forecast.forecasting import modelled
    from rnnviz.forecast.windows import Series

    try:
        series = Series(modelled(shown.prices), shown.config)
    except TableError:
        return None
    rows = series.validation
    before = series.prices[rows - 1] if series.kind == "levels" else np.zeros(len(rows))
    off = series.targets(rows).double().numpy() - series.to_scaled(before)
    return float((off**2).mean())

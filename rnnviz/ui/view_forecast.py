"""How a forecast is shown, a part of :class:`rnnviz.ui.view.View`."""

from __future__ import annotations

from rnnviz.fields import Field
from rnnviz.forecast.parts import PARTS
from rnnviz.forecast.samples import SAMPLES

FIELDS: tuple[Field, ...] = (
    Field("forecast", "forecast", "Forecast", "The forecast that is shown.", "id", ""),
    Field(
        "part",
        "part",
        "Section",
        "The data, the forecast, other networks, other times, or what the usual traps pretend.",
        "choice",
        "forecast",
        choices=(("data", "Data"), *PARTS, ("yours", "Your runs")),
    ),
    Field("compared", "compared", "Comparison", "The comparison that is shown.", "id", ""),
    Field("backtest", "backtest", "Backtest", "The backtest that is shown.", "id", ""),
    Field("leaks", "leaks", "Leak lab", "The leaks that are shown.", "id", ""),
    Field(
        "zoom",
        "zoom",
        "Rows shown",
        "The whole test part, or its last 60 rows.",
        "choice",
        "all",
        choices=(("all", "Whole test part"), ("last", "Last 60 rows")),
    ),
    Field(
        "sample",
        "sample",
        "Series",
        "A series that comes with the app, or a file of your own.",
        "choice",
        "aapl",
        choices=SAMPLES,
    ),
)
"""The settings of /forecast, in the order of the link."""

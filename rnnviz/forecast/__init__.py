"""Forecasting, honest by construction: read a table of prices, train on it, and say what the forecast is worth.

>>> from rnnviz import forecast
>>> table = forecast.read_table("prices.csv")
>>> result = forecast.run(table.prices, forecast.ForecastConfig(network="gru"))
>>> print(result.verdict)

Importing the package is free: pandas and torch are loaded with the first name that needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.forecast.config import ForecastConfig
from rnnviz.forecast.errors import TableError
from rnnviz.lazy import lazy

if TYPE_CHECKING:
    from rnnviz.forecast.forecasting import run
    from rnnviz.forecast.reading import read_table
    from rnnviz.forecast.result import Result
    from rnnviz.forecast.table import Table

_HOME = {"Result": "result", "Table": "table", "read_table": "reading", "run": "forecasting"}

__all__ = ["ForecastConfig", "Result", "Table", "TableError", "read_table", "run"]

__getattr__, __dir__ = lazy(__name__, _HOME, __all__)

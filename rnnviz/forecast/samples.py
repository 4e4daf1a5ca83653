"""Samples: real series that come with the app, and two made ones whose truth is known. Imports nothing heavy."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from rnnviz.forecast.table import Table

SAMPLES: tuple[tuple[str, str], ...] = (
    ("aapl", "Apple 2000–2013"),
    ("goog", "Google 2004–2013"),
    ("ibm", "IBM 2000–2013"),
    ("msft", "Microsoft 2000–2013"),
    ("wti", "Crude oil WTI 1986–2019"),
    ("ar1", "Made: returns that remember"),
    ("walk", "Made: a random walk"),
    ("own", "Your own file"),
)
"""The series to choose from; "own" stands for a file that the visitor brought."""

PHI = 0.5
"""How much of a day's return the next one of the made series "ar1" keeps."""

SPREAD = 0.01
"""Standard deviation of the draws of the made series: 1 % a day."""

ROWS = 3000
"""Rows of the made series."""

STREAM = 70_000
"""Added to the seed of the made series, so that they are independent of networks of the same seed."""

_FILES = {"aapl": "aapl.csv", **{name: f"{name}.csv.gz" for name in ("goog", "ibm", "msft", "wti")}}
_STOCK = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "volume": "Volume",
    "adj_close": "Adjusted close",
}
_SOURCES = {
    "wti": (
        "Cushing, Oklahoma, spot price of West Texas Intermediate in US dollars a barrel: U.S. Energy Information "
        "Administration, by way of FRED, series DCOILWTICO."
    ),
    "ar1": (
        f"Made, not measured: each log return is {PHI} of the one before plus a normal draw with a standard deviation "
        f"of {100 * SPREAD:g} %. Here there is something to find."
    ),
    "walk": (
        f"Made, not measured: log returns are independent normal draws with a standard deviation of "
        f"{100 * SPREAD:g} %. Here there is nothing to find."
    ),
}
_QUANDL = (
    "Daily prices in US dollars: Quandl WIKI Prices, public domain. The adjusted close takes splits and dividends into "
    "account; open, high, low and close are as they were quoted."
)


def sample(name: str) -> Table:
    """The table of a sample. ``ValueError`` for an unknown name, or "own"."""
    from rnnviz.forecast.table import Table

    names = dict(SAMPLES)
    if name == "own" or name not in names:
        known = ", ".join(one for one in names if one != "own")
        raise ValueError(f"expected a sample out of {known}, got {name!r}; choose one of them")
    frame = _frame(name).copy()
    stock = "adj_close" in frame
    return Table(
        frame=frame,
        date_column="date",
        target="adj_close" if stock else "price",
        targets=("adj_close", "close", "open", "high", "low") if stock else ("price",),
        roles={role: role for role in _STOCK} if stock else {"close": "price"},
        labels={"date": "Date", **(_STOCK if stock else {"price": "Price"})},
        report=(_SOURCES.get(name, _QUANDL),),
        name=names[name],
    )


@cache
def _frame(name: str) -> pd.DataFrame:
    import pandas as pd

    if name not in _FILES:
        return _made(name)
    with (files("rnnviz") / "data" / _FILES[name]).open("rb") as file:
        compression = "gzip" if _FILES[name].endswith(".gz") else None
        frame = pd.read_csv(file, compression=compression, parse_dates=["date"])
    return frame.astype({column: "float64" for column in frame.columns if column != "date"})


def _made(name: str) -> pd.DataFrame:
    """Prices on business days, from 100 on."""
    import numpy as np
    import pandas as pd

    generator = np.random.default_rng(STREAM + ("ar1", "walk").index(name))
    returns = SPREAD * generator.standard_normal(ROWS - 1)
    if name == "ar1":
        for row in range(1, len(returns)):
            returns[row] += PHI * returns[row - 1]
    price = 100 * np.exp(np.concatenate([[0.0], returns]).cumsum())
    return pd.DataFrame({"date": pd.bdate_range("2010-01-04", periods=ROWS), "price": price.round(4)})
